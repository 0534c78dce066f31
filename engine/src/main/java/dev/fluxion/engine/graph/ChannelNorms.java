package dev.fluxion.engine.graph;

import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;

/**
 * Writes what parameters and buffers do to each channel of images in a prediction as a convolution with one weight for each channel,
 * as (x − m)·s + c = x∗s + (c − m·s): a batch normalisation that no other weights can take, since it stands in front of a
 * convolution or others read what it reads. Kernels for channels that stay apart take little longer than memory, with what follows.
 */
public final class ChannelNorms {
    private static final int IMAGES = 4;
    /** Lanes of AVX2; there are no kernels for narrower vectors. */
    private static final int NARROW = 8;

    private final IntSupplier lanes;
    private final OfParameters ofParameters;
    private final Map<Expr, Integer> readers = new HashMap<>();
    private final Set<Expr> images = new HashSet<>();
    /** Convolutions to whose result something is added that one node alone reads. */
    private final Map<Expr, Sum> open = new HashMap<>();

    /** A convolution and a number for each channel. */
    private record Sum(Expr convolution, Expr number) {
        Expr value() {
            return convolution.add(number);
        }
    }

    private ChannelNorms(Graph graph, IntSupplier lanes) {
        this.lanes = lanes;
        this.ofParameters = new OfParameters(graph.order());
        graph.order().forEach(e -> e.inputs().forEach(in -> readers.merge(in, 1, Integer::sum)));
        graph.order().stream().filter(this::isImage).forEach(images::add);
        graph.stages().forEach(stage -> stage.roots().forEach(root -> readers.merge(root, 1, Integer::sum)));
    }

    /**
     * The rewritten graph.
     *
     * @param lanes how many channels kernels compute at once
     */
    public static Graph apply(Graph graph, IntSupplier lanes) {
        boolean updates =
                graph.stages().stream().anyMatch(stage -> !stage.updates().isEmpty());
        return updates ? graph : Rewriter.rewriteKnowing(graph, new ChannelNorms(graph, lanes)::node);
    }

    private Expr node(Expr original, Expr e) {
        if (!(e.op() instanceof Elementwise.Binary op) || e.shape().rank() != IMAGES) {
            return e;
        }
        return switch (op.fn()) {
            case MUL ->
                scaled(original, e, 0, 1).or(() -> scaled(original, e, 1, 0)).orElse(e);
            case ADD -> added(e, 0, 1).or(() -> added(e, 1, 0)).orElse(e);
            default -> e;
        };
    }

    private Optional<Expr> number(Expr e, int operand) {
        return PerChannel.of(e.input(operand), e.shape()).filter(ofParameters::contains);
    }

    private Optional<Expr> scaled(Expr original, Expr e, int x, int other) {
        return number(e, other)
                .filter(factor -> images.contains(original.input(x))
                        && hasKernels(e.shape().dim(1)))
                .map(factor -> scaled(original, e.input(x), original.input(x), factor));
    }

    private Expr scaled(Expr original, Expr x, Expr before, Expr factor) {
        boolean subtracts = x.op() instanceof Elementwise.Binary sub && sub.fn() == BinaryFn.SUB && isReadOnce(before);
        Optional<Expr> mean = subtracts ? number(x, 1) : Optional.empty();
        int channels = x.shape().dim(1);
        Shape each = Shape.of(channels, 1, 1);
        Expr weights = factor.reshape(channels, 1, 1, 1);
        ConvSpec apart = new ConvSpec(Size.of(1), Size.of(0), Size.of(1), channels);
        Expr convolution = (mean.isPresent() ? x.input(0) : x).conv(weights, apart);
        Optional<Sum> sum = mean.map(m ->
                new Sum(convolution, m.reshape(each).mul(factor.reshape(each)).neg()));
        Expr value = sum.map(Sum::value).orElse(convolution);
        if (sum.isPresent() && isReadOnce(original)) {
            open.put(value, sum.get());
        }
        return value;
    }

    /** The sum with one number for each channel more. */
    private Optional<Expr> added(Expr e, int x, int other) {
        Sum sum = open.get(e.input(x));
        return sum == null
                ? Optional.empty()
                : number(e, other)
                        .map(c -> new Sum(
                                sum.convolution, c.reshape(sum.number.shape()).add(sum.number)))
                        .map(Sum::value);
    }

    private boolean isReadOnce(Expr e) {
        return readers.getOrDefault(e, 0) == 1;
    }

    private boolean hasKernels(int channels) {
        return channels >= NARROW && lanes.getAsInt() >= NARROW;
    }

    /** Whether a value is made of results of convolutions or poolings, which lie as kernels like images; operands are known. */
    private boolean isImage(Expr e) {
        boolean passes = e.op() instanceof Elementwise
                || e.op() instanceof Movement.Concat
                || e.op() instanceof Movement.Slice
                || e.op() instanceof Movement.Pad
                || e.op() instanceof Indexing.Gather;
        boolean makes =
                e.op() instanceof Contraction && !(e.op() instanceof Contraction.MatMul) || e.op() instanceof Pooling;
        return makes || passes && e.inputs().stream().anyMatch(images::contains);
    }
}
