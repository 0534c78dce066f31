package dev.fluxion.engine.rule;

import dev.fluxion.engine.graph.PerChannel;
import dev.fluxion.engine.kernel.FusedBuilder;
import dev.fluxion.engine.partition.Readers;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.Reduction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * A contraction with the nodes around it that a kernel may compute with it: the bias and the activation behind a convolution
 * or a product, what is added to a convolution's result, the gradient of the bias beside that of a convolution's weights, or the
 * recurrence behind the product of its inputs.
 *
 * @param core the contraction, or the recurrence
 * @param root the node whose value is made
 * @param covers all nodes that are computed
 * @param bias one number per output channel or column, if one is added; for a weight gradient, the sum that is its bias's gradient
 * @param addend a value of the result's shape that is added to it behind the bias, if any
 * @param activation the function that is applied behind that, if any
 * @param clip the bounds between which the result of a convolution is brought at last, if any
 */
public record Candidate(
        Expr core,
        Expr root,
        Set<Expr> covers,
        Optional<Expr> bias,
        Optional<Expr> addend,
        Optional<Elementwise.Unary> activation,
        Optional<Elementwise.Clip> clip) {
    /** The channels that kernels compute at once. */
    private static final int BLOCK = 16;

    /** The first axis of images along which kernels move. */
    private static final int FIRST_PLACE = 2;

    /** A contraction by itself. */
    static Candidate alone(Expr core) {
        return new Candidate(
                core, core, Set.of(core), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** The same node with all that is computed. */
    Candidate covering(Set<Expr> all) {
        return new Candidate(core, root, all, bias, addend, activation, clip);
    }

    /** What could be computed with a contraction, of nodes that are free for it: the most first, itself alone last. */
    static List<Candidate> of(Expr core, Readers readers, Predicate<Expr> isFree) {
        Candidate alone = alone(core);
        Candidate most = core.op() instanceof Contraction.ConvGradWeight
                ? alone.withBiasGradient(readers, isFree)
                : core.op() instanceof Contraction.Conv || isMatrix(core)
                        ? alone.withBias(readers).withActivation(readers)
                        : alone;
        List<Candidate> all = new ArrayList<>();
        most.withSteps(readers, isFree).ifPresent(all::add);
        all.add(most);
        if (most.covers.size() > 1) {
            all.add(alone);
        }
        return all;
    }

    /** A recurrence with this product, which is that of its inputs, if nobody else reads it. */
    private Optional<Candidate> withSteps(Readers readers, Predicate<Expr> isFree) {
        if (!isMatrix(core) || activation.isPresent() || !isReadOnceBy(root, Movement.Reshape.class, readers)) {
            return Optional.empty();
        }
        Expr steps = readers.of(root).get(0);
        if (!isReadOnceBy(steps, Recurrence.class, readers)) {
            return Optional.empty();
        }
        Expr last = readers.of(steps).get(0);
        Set<Expr> all = new HashSet<>(covers);
        all.addAll(List.of(steps, last));
        return last.input(0) == steps && isFree.test(last)
                ? Optional.of(new Candidate(last, last, Set.copyOf(all), bias, addend, activation, clip))
                : Optional.empty();
    }

    private static boolean isReadOnceBy(Expr e, Class<? extends Op> reader, Readers readers) {
        return readers.isReadOnce(e) && reader.isInstance(readers.of(e).get(0).op());
    }

    private static boolean isMatrix(Expr e) {
        return e.op() instanceof Contraction.MatMul && e.shape().rank() == 2;
    }

    /** What the nodes compute, for explanations. */
    String operator() {
        return core.op()
                + bias.map(b -> " + bias").orElse("")
                + addend.map(a -> " + sum").orElse("")
                + activation.map(a -> " " + a).orElse("")
                + clip.map(c -> " " + c).orElse("");
    }

    private Candidate withBias(Readers readers) {
        if (!readers.isReadOnce(core)) {
            return this;
        }
        Expr sum = readers.of(core).get(0);
        return bias(sum)
                .map(b -> new Candidate(core, sum, Set.of(core, sum), Optional.of(b), addend, activation, clip))
                .orElse(this);
    }

    private Optional<Expr> bias(Expr sum) {
        if (!(sum.op() instanceof Elementwise.Binary add) || add.fn() != BinaryFn.ADD) {
            return Optional.empty();
        }
        Expr other = sum.input(0) == core ? sum.input(1) : sum.input(0);
        return PerChannel.of(other, core.shape());
    }

    /** This convolution with a sum of its result and another value of its shape, and the activation behind that. */
    Optional<Candidate> withAddend(Readers readers, Predicate<Expr> isFree) {
        boolean ends = core.op() instanceof Contraction.Conv && activation.isEmpty() && readers.isReadOnce(root);
        if (!ends || !(readers.of(root).get(0).op() instanceof Elementwise.Binary add) || add.fn() != BinaryFn.ADD) {
            return Optional.empty();
        }
        Expr sum = readers.of(root).get(0);
        Expr other = sum.input(0) == root ? sum.input(1) : sum.input(0);
        boolean isPlace = other.op() instanceof Movement.Broadcast
                || FusedBuilder.constant(other).isPresent();
        return !isPlace && isFree.test(sum)
                ? Optional.of(new Candidate(core, sum, with(sum), bias, Optional.of(other), activation, clip)
                        .withActivation(readers))
                : Optional.empty();
    }

    /** This convolution with its result brought between bounds. */
    Optional<Candidate> withClip(Readers readers, Predicate<Expr> isFree) {
        boolean ends = core.op() instanceof Contraction.Conv && readers.isReadOnce(root);
        if (!ends || !(readers.of(root).get(0).op() instanceof Elementwise.Clip bounds)) {
            return Optional.empty();
        }
        Expr last = readers.of(root).get(0);
        boolean keepsPadding = !isPadded() || bounds.least() <= 0 && bounds.most() >= 0;
        return keepsPadding && isFree.test(last)
                ? Optional.of(new Candidate(core, last, with(last), bias, addend, activation, Optional.of(bounds)))
                : Optional.empty();
    }

    /** This convolution with the zeros that are put around its images for nobody else. Kernels for channels that stay apart know few. */
    Candidate withZeros(Readers readers) {
        if (((Contraction.Conv) core.op()).spec().groups() > 1) {
            return this;
        }
        Set<Expr> all = new HashSet<>(covers);
        for (Expr x = core.input(0); isZeros(x) && readers.isReadOnce(x); x = x.input(0)) {
            all.add(x);
        }
        return all.size() == covers.size() ? this : covering(Set.copyOf(all));
    }

    private static boolean isZeros(Expr e) {
        return e.op() instanceof Movement.Pad pad && pad.value() == 0 && pad.axis() >= FIRST_PLACE;
    }

    /** What a convolution reads: its images, without the zeros that it puts around them itself. */
    Expr images() {
        Expr x = core.input(0);
        while (covers.contains(x)) {
            x = x.input(0);
        }
        return x;
    }

    /** How many zeros a convolution puts on one side of the rows and of the columns of its images. */
    long[] zeros(ToIntFunction<Movement.Pad> side) {
        long[] sum = new long[2];
        for (Expr x = core.input(0); covers.contains(x); x = x.input(0)) {
            Movement.Pad pad = (Movement.Pad) x.op();
            sum[pad.axis() - FIRST_PLACE] += side.applyAsInt(pad);
        }
        return sum;
    }

    private Set<Expr> with(Expr next) {
        Set<Expr> all = new HashSet<>(covers);
        all.add(next);
        return Set.copyOf(all);
    }

    /** {@code ChannelPartition.isTakenAlong} knows which activations are taken. */
    private Candidate withActivation(Readers readers) {
        if (readers.isReadOnce(root)
                && readers.of(root).get(0).op() instanceof Elementwise.Unary unary
                && NativeFunctions.isPostOp(unary.fn())
                && (!isPadded() || unary.fn().apply(0, unary.alpha()) == 0)) {
            Expr last = readers.of(root).get(0);
            return new Candidate(core, last, with(last), bias, addend, Optional.of(unary), clip);
        }
        return this;
    }

    /** Whether kernels for a convolution may compute its activation for channels that are not there, and that are to stay 0. */
    private boolean isPadded() {
        return core.op() instanceof Contraction.Conv && core.shape().dim(1) % BLOCK != 0;
    }

    private Candidate withBiasGradient(Readers readers, Predicate<Expr> isFree) {
        Expr g = core.input(1);
        return readers.of(g).stream()
                .filter(reader -> reader.op() instanceof Reduction.Sum sum
                        && !sum.axes().contains(1)
                        && PerChannel.is(reader.shape(), g.shape())
                        && readers.isComputableWith(reader, core)
                        && isFree.test(reader))
                .findFirst()
                .map(sum -> new Candidate(core, core, Set.of(core, sum), Optional.of(sum), addend, activation, clip))
                .orElse(this);
    }
}
