package dev.fluxion.engine.graph;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Rewrites the weight gradient of a convolution over images of one channel, for which some kernels pad that channel to a
 * whole block and waste most of their work. The sum over the batch takes the part of the sum over channels: dW is the
 * convolution of the images, as one image of N channels, with the output's gradient as weights. A second image of ones
 * gives the gradient of the bias along the way.
 */
public final class SingleChannel {
    private static final int BATCH = 8;
    private static final int PLANE = 32 * 32;

    private final Map<Expr, Expr> candidates = new HashMap<>();
    private final Set<Expr> summed = new HashSet<>();
    private final Map<Expr, Expr> convolutions = new HashMap<>();

    private SingleChannel(Graph graph, Predicate<Expr> padded) {
        for (Expr e : graph.order()) {
            if (e.op() instanceof Contraction.ConvGradWeight op
                    && isWorthwhile(op, e.input(1).shape())
                    && padded.test(e)) {
                candidates.putIfAbsent(e.input(1), e);
            } else if (isBiasGradient(e)) {
                summed.add(e.input(0));
            }
        }
    }

    /**
     * The rewritten graph.
     *
     * @param padded whether the kernels for a weight gradient pad its channel
     */
    public static Graph apply(Graph graph, Predicate<Expr> padded) {
        return Rewriter.rewrite(graph, new SingleChannel(graph, padded)::rewrite);
    }

    private static boolean isWorthwhile(Contraction.ConvGradWeight op, Shape g) {
        ConvSpec spec = op.spec();
        Shape w = op.weight();
        return w.dim(1) == 1
                && spec.equals(new ConvSpec(Size.of(1), spec.pad(), Size.of(1), 1))
                && 2 * spec.pad().h() < w.dim(2)
                && 2 * spec.pad().w() < w.dim(3)
                && g.dim(0) >= BATCH
                && g.dim(2) * g.dim(3) <= PLANE;
    }

    private static boolean isBiasGradient(Expr e) {
        return e.op() instanceof Reduction.Sum sum
                && sum.axes().equals(List.of(0, 2, 3))
                && e.shape().rank() == 4;
    }

    private Expr rewrite(Expr e) {
        if (candidates.containsValue(e)) {
            return convolution(e).slice(0, 0, 1).reshape(e.shape());
        }
        if (isBiasGradient(e) && candidates.containsKey(e.input(0))) {
            Expr gradient = candidates.getOrDefault(e.input(0), e);
            Size pad = ((Contraction.ConvGradWeight) gradient.op()).spec().pad();
            return convolution(gradient)
                    .slice(0, 1, 2)
                    .slice(2, pad.h(), pad.h() + 1)
                    .slice(3, pad.w(), pad.w() + 1)
                    .reshape(e.shape());
        }
        return e;
    }

    private Expr convolution(Expr gradient) {
        return convolutions.computeIfAbsent(gradient, e -> {
            ConvSpec spec = ((Contraction.ConvGradWeight) e.op()).spec();
            Shape x = e.input(0).shape();
            Shape image = Shape.of(1, x.dim(0), x.dim(2), x.dim(3));
            Expr images = e.input(0).reshape(image);
            Expr both = summed.contains(e.input(1))
                    ? Expr.concat(0, List.of(images, Expr.constant(1).broadcastTo(image)))
                    : images;
            return both.conv(e.input(1).transpose(1, 0, 2, 3), spec);
        });
    }
}
