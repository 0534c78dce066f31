package dev.fluxion.engine.graph;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.function.IntSupplier;

/**
 * Rewrites transposed convolutions of predictions that make few channels, which kernels pad to a whole vector. Where windows move
 * by s, each of the s·s phases of the result is a convolution of the small images with every s-th tap; with one filter for each
 * phase and channel, a single convolution makes them all, whose results are then put side by side.
 */
public final class SubPixels {
    /** What moving a number costs, in multiplications. */
    private static final long MOVE = 100;

    private final OfParameters ofParameters;
    private final IntSupplier lanes;

    private SubPixels(Graph graph, IntSupplier lanes) {
        this.ofParameters = new OfParameters(graph.order());
        this.lanes = lanes;
    }

    /**
     * The rewritten graph.
     *
     * @param lanes how many channels kernels compute at once
     */
    public static Graph apply(Graph graph, IntSupplier lanes) {
        boolean predicts =
                graph.stages().stream().allMatch(stage -> stage.updates().isEmpty());
        return predicts ? Rewriter.rewriteKnowing(graph, new SubPixels(graph, lanes)::rewrite) : graph;
    }

    private Expr rewrite(Expr original, Expr e) {
        return e.op() instanceof Contraction.ConvGradInput op
                        && ofParameters.contains(original.input(1))
                        && isDivisible(op, e)
                        && isWorthwhile(op, e)
                ? phases(op, e)
                : e;
    }

    /** Whether each phase has as many taps, and no result lies beyond those of all taps. */
    private static boolean isDivisible(Contraction.ConvGradInput op, Expr e) {
        ConvSpec spec = op.spec();
        Shape small = e.input(0).shape();
        Size step = spec.stride();
        Size taps = taps(op, e);
        return step.h() * step.w() > 1
                && spec.dilation().equals(Size.of(1))
                && spec.groups() == 1
                && taps.h() * step.h() == e.input(1).shape().dim(2)
                && taps.w() * step.w() == e.input(1).shape().dim(3)
                && op.input().dim(2) + spec.pad().h() <= (small.dim(2) + taps.h() - 1) * step.h()
                && op.input().dim(3) + spec.pad().w() <= (small.dim(3) + taps.w() - 1) * step.w();
    }

    private static Size taps(Contraction.ConvGradInput op, Expr e) {
        Shape w = e.input(1).shape();
        Size step = op.spec().stride();
        return new Size(w.dim(2) / step.h(), w.dim(3) / step.w());
    }

    private boolean isWorthwhile(Contraction.ConvGradInput op, Expr e) {
        Shape small = e.input(0).shape();
        Shape w = e.input(1).shape();
        Size taps = taps(op, e);
        long all = (long) w.dim(1) * op.spec().stride().h() * op.spec().stride().w();
        long places = (long) (small.dim(2) + taps.h() - 1) * (small.dim(3) + taps.w() - 1);
        long before = padded(w.dim(1)) * w.dim(2) * w.dim(3) * small.dim(2) * small.dim(3);
        long after = padded(all) * taps.h() * taps.w() * places;
        return before * w.dim(0) > after * w.dim(0) + MOVE * all * places;
    }

    private long padded(long channels) {
        int vector = lanes.getAsInt();
        return (channels + vector - 1) / vector * vector;
    }

    private static Expr phases(Contraction.ConvGradInput op, Expr e) {
        Size step = op.spec().stride();
        Size pad = op.spec().pad();
        Size taps = taps(op, e);
        Shape w = e.input(1).shape();
        Shape to = op.input();
        Expr tiles = e.input(1).reshape(w.dim(0), w.dim(1), taps.h(), step.h(), taps.w(), step.w());
        Expr filters = Reversed.along(4, Reversed.along(2, tiles))
                .transpose(3, 5, 1, 0, 2, 4)
                .reshape(step.h() * step.w() * w.dim(1), w.dim(0), taps.h(), taps.w());
        Size around = new Size(taps.h() - 1, taps.w() - 1);
        Expr all = e.input(0).conv(filters, new ConvSpec(Size.of(1), around, Size.of(1), 1));
        int rows = all.shape().dim(2);
        int columns = all.shape().dim(3);
        return all.reshape(to.dim(0), step.h(), step.w(), to.dim(1), rows, columns)
                .transpose(0, 3, 4, 1, 5, 2)
                .reshape(to.dim(0), to.dim(1), rows * step.h(), columns * step.w())
                .slice(2, pad.h(), pad.h() + to.dim(2))
                .slice(3, pad.w(), pad.w() + to.dim(3));
    }
}
