package dev.fluxion.engine.partition;

import dev.fluxion.engine.graph.AxisRules;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.ir.AxisRule;
import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Shape;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The division of a graph for a single sample. Convolutions and products divide their channels: each part has some of the
 * outputs, with the weights of these, and what follows channel by channel goes along. The two gradients of a convolution stay
 * whole, one beside the other; where that of the images is not wanted, that of the weights is divided, also for the few samples
 * of a batch that has no tiles. Products of one row that read trained weights as they lie divide what they add up.
 */
final class ChannelPartition {
    /** Channels that kernels compute at once. */
    private static final int BLOCK = 16;
    /** Multiplications that take longer than a worker that is there needs to take a lane. */
    private static final long WORTH = 150_000;
    /** Weights that take longer to read. */
    private static final int WEIGHTS = 1 << 16;

    /** Behind all parts: what reads the whole of a gradient in parts waits, so that all parts begin at once. */
    private static final ScheduleKey GRADIENT_OF_IMAGES = ScheduleKey.last(0);

    private static final ScheduleKey GRADIENT_OF_WEIGHTS = ScheduleKey.last(1);

    /** The axis of the channels of images, and of the columns of matrices. */
    private static final int AXIS = 1;

    private final int count;
    private final List<Expr> order;
    private final Map<Expr, AxisRule> rules = new HashMap<>();
    private final Map<Expr, Set<Expr>> readers = new HashMap<>();
    /** The parameters that are trained. */
    private final Set<Op> trained = new HashSet<>();

    /** The division of a graph into so many parts. */
    ChannelPartition(Graph graph, int count) {
        this.count = count;
        this.order = graph.order();
        graph.stages().stream()
                .flatMap(s -> s.updates().stream())
                .flatMap(u -> u.parameters().stream())
                .forEach(p -> trained.add(p.op()));
        order.forEach(e -> e.inputs()
                .forEach(in -> readers.computeIfAbsent(in, k -> new HashSet<>()).add(e)));
        order.forEach(e -> rule(e).ifPresent(r -> rules.put(e, r)));
        for (int i = order.size() - 1; i >= 0; i--) {
            Expr e = order.get(i);
            if (isReadInParts(e)) {
                channelwise(e).ifPresent(r -> rules.put(e, r));
            }
        }
    }

    /** How nodes that are divided follow from parts. */
    Map<Expr, AxisRule> rules() {
        return rules;
    }

    /** The keys of gradients, and of what is done for them alone: preparing weights, adding up a bias. */
    Map<Expr, ScheduleKey> keys() {
        Map<Expr, ScheduleKey> keys = new HashMap<>();
        for (Expr e : order) {
            if (e.op() instanceof Contraction.ConvGradInput && isWorth(e.input(0), e.input(1))) {
                keys.put(e, GRADIENT_OF_IMAGES);
                if (readers(e.input(1)).stream().allMatch(r -> r == e || isAlong(r))) {
                    keys.put(e.input(1), GRADIENT_OF_IMAGES);
                }
            } else if (e.op() instanceof Contraction.ConvGradWeight && isWorth(e.input(1), e)) {
                keys.put(e, GRADIENT_OF_WEIGHTS);
                readers(e.input(1)).stream()
                        .filter(ChannelPartition::isSumOverImages)
                        .forEach(r -> keys.put(r, GRADIENT_OF_WEIGHTS));
            }
        }
        return keys;
    }

    private Set<Expr> readers(Expr e) {
        return readers.getOrDefault(e, Set.of());
    }

    /** Whether a sum gives one number for each channel, as that of a bias is. */
    private static boolean isSumOverImages(Expr e) {
        return e.op() instanceof Reduction.Sum sum && !sum.axes().contains(AXIS);
    }

    private Optional<AxisRule> rule(Expr e) {
        if (e.op() instanceof Contraction.Conv op) {
            boolean single = e.shape().dim(0) == 1;
            return single && isDivisible(e) && isWorth(e, e.input(1)) && fits(e, op.spec())
                    ? AxisRules.cutting(e, 1, 0)
                    : Optional.empty();
        }
        if (e.op() instanceof Contraction.MatMul) {
            return product(e);
        }
        if (e.op() instanceof Contraction.ConvGradWeight) {
            return isDividedForWeights(e.input(1)) ? AxisRules.cutting(e, 1, AXIS) : Optional.empty();
        }
        if (isSumOverImages(e)) {
            return isDividedForWeights(e.input(0)) ? channelwise(e) : Optional.empty();
        }
        boolean follows = e.op() instanceof Pooling.MaxPoolGrad
                ? isAlong(e.input(0))
                : isLocal(e) && e.inputs().stream().anyMatch(this::isAlong);
        return follows ? channelwise(e) : Optional.empty();
    }

    /**
     * Columns of one row are divided. Where weights that are trained are read as they lie, not transposed, as by the gradient of
     * a linear layer's input, their rows are, and the products are added up: a thread then reads the rows that it changes, which
     * lie in its cache.
     */
    private Optional<AxisRule> product(Expr e) {
        boolean row = e.shape().rank() == 2 && e.shape().dim(0) == 1;
        if (!row || !isLargeParameter(e.input(1))) {
            return Optional.empty();
        }
        if (trained.contains(e.input(1).op()) && isDivisible(e.input(0))) {
            return AxisRules.cutting(e, 1, 0);
        }
        return isDivisible(e) ? AxisRules.cutting(e, 1, AXIS) : Optional.empty();
    }

    /**
     * Whether a gradient of a convolution's results is wanted for the convolution's weights alone, in training, where the
     * division is the same whatever the number of threads: a kernel may add up the places of fewer channels in another order.
     */
    private boolean isDividedForWeights(Expr gradient) {
        List<Expr> contractions = readers(gradient).stream()
                .filter(r -> r.op() instanceof Contraction)
                .toList();
        return !trained.isEmpty()
                && contractions.size() == 1
                && contractions.get(0).op() instanceof Contraction.ConvGradWeight op
                && contractions.get(0).input(1) == gradient
                && op.spec().groups() == 1
                && isDivisible(gradient)
                && isWorth(gradient, contractions.get(0));
    }

    private static boolean isLargeParameter(Expr e) {
        Expr stored = e.op() instanceof Movement.Transpose ? e.input(0) : e;
        return stored.op() instanceof Leaf.Variable && e.shape().size() >= WEIGHTS;
    }

    private boolean isDivisible(Expr e) {
        return e.shape().dim(AXIS) % (count * BLOCK) == 0;
    }

    /**
     * Whether the kernel is no larger than the images: else the library adds up the places that it meets in an order that depends
     * on the number of filters.
     */
    private static boolean fits(Expr conv, ConvSpec spec) {
        Shape x = conv.input(0).shape();
        Shape w = conv.input(1).shape();
        return spec.dilation().h() * (w.dim(2) - 1) < x.dim(2)
                && spec.dilation().w() * (w.dim(3) - 1) < x.dim(3);
    }

    private static boolean isWorth(Expr results, Expr weights) {
        long places = results.shape().size() / results.shape().dim(AXIS);
        return places * weights.shape().size() >= WORTH;
    }

    /** The rule of a node each of whose channels follows from the same one of all operands, whichever it is. */
    private static Optional<AxisRule> channelwise(Expr e) {
        return AxisRules.giving(e, AXIS)
                .filter(r -> r.join() == Join.CONCATENATION)
                .filter(r -> Stream.concat(Stream.of(r.result()), r.operands().stream())
                        .allMatch(Along.axis(AXIS)::equals));
    }

    /** Whether a node computes channel by channel. What moves elements alone is left to where they are put together. */
    private static boolean isLocal(Expr e) {
        return !(e.op() instanceof Movement)
                && !e.inputs().isEmpty()
                && channelwise(e).isPresent();
    }

    private boolean isAlong(Expr e) {
        AxisRule rule = rules.get(e);
        return rule != null && rule.axis() == AXIS;
    }

    /** Whether whoever reads an elementwise node reads a part of it, and its operands can be taken in parts. */
    private boolean isReadInParts(Expr e) {
        Set<Expr> all = readers(e);
        return e.op() instanceof Elementwise
                && !isTakenAlong(e)
                && !all.isEmpty()
                && all.stream()
                        .allMatch(r -> isLocal(r) && isAlong(r) && r.shape().equals(e.shape()));
    }

    /**
     * Whether a convolution that is not divided may compute the node with its results, as it does a bias and an activation: what
     * {@code Candidate} lets it take. Its activations have other bits than those of a step of their own.
     */
    private boolean isTakenAlong(Expr e) {
        return e.inputs().stream()
                .anyMatch(in -> isWholeConvolution(in)
                        || e.op() instanceof Elementwise.Unary
                                && in.op() instanceof Elementwise.Binary
                                && in.inputs().stream().anyMatch(this::isWholeConvolution));
    }

    private boolean isWholeConvolution(Expr e) {
        return e.op() instanceof Contraction.Conv && !isAlong(e);
    }
}
