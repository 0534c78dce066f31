package dev.fluxion.engine;

import dev.fluxion.engine.kernel.FusedBuilder;
import dev.fluxion.engine.pass.Tiles;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Marker;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.UnaryFn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which nodes are computed together. Convolutions and matrix products take their bias and activation along, a convolution's weight gradient
 * takes the bias gradient along, and elementwise operators that are read once join their reader.
 */
final class Fusion {
    /** Activations that the convolution kernels apply to their results. */
    private static final Set<UnaryFn> ACTIVATIONS = EnumSet.of(
            UnaryFn.RELU, UnaryFn.LEAKY_RELU, UnaryFn.ELU, UnaryFn.SIGMOID, UnaryFn.TANH, UnaryFn.GELU, UnaryFn.SILU);

    /** Longer chains of elementwise operators are cut: building a kernel takes a stack as deep as the chain. */
    private static final int LONGEST = 100;

    /** From this size on, passes over memory are worth a native kernel of their own. */
    static final int NATIVE_SIZE = 1024;

    /** From this size on, gradients of activations are, whose comparisons Java makes one by one. */
    private static final int SLOPE_SIZE = 256;

    /** From this size on, the hyperbolic tangent is, which takes tens of nanoseconds an element in Java. */
    static final int TANH_SIZE = 64;

    /** The channels that kernels compute at once. */
    private static final int BLOCK = 16;

    private final Tiles.Tiled tiled;
    private final Map<Expr, List<Expr>> readers = new HashMap<>();
    private final Map<Expr, Integer> kept = new HashMap<>();
    private final Map<Expr, Place> places = new HashMap<>();
    private final Map<Expr, Expr> roots = new HashMap<>();
    private final Map<Expr, Contracted> contractions = new HashMap<>();
    private final Map<Expr, Expr> biasGradients = new HashMap<>();
    private final Map<Expr, Slope> slopes = new HashMap<>();
    /** For elementwise nodes, the length of the chain that ends there. */
    private final Map<Expr, Integer> lengths = new HashMap<>();

    /**
     * A convolution or a matrix product with what follows it.
     *
     * @param core the convolution or product
     * @param bias one number per output channel or column, if one is added
     * @param activation the function that is applied at last, if any
     */
    record Contracted(Expr core, Optional<Expr> bias, Optional<Elementwise.Unary> activation) {
        @Override
        public String toString() {
            return core.op()
                    + bias.map(b -> " + bias").orElse("")
                    + activation.map(a -> " " + a).orElse("");
        }
    }

    /** The first stage that needs a node, and where it stands among the nodes: behind all that it depends on. */
    private record Place(int stage, int index) {}

    Fusion(Tiles.Tiled tiled) {
        this.tiled = tiled;
        Graph graph = tiled.graph();
        for (int i = 0; i < graph.stages().size(); i++) {
            int stage = i;
            Graph.topological(graph.stages().get(i).roots())
                    .forEach(e -> places.putIfAbsent(e, new Place(stage, places.size())));
        }
        for (Expr e : graph.order()) {
            e.inputs().forEach(in -> readers.computeIfAbsent(in, k -> new ArrayList<>())
                    .add(e));
        }
        for (Graph.Stage stage : graph.stages()) {
            stage.roots().forEach(e -> kept.merge(e, 1, Integer::sum));
        }
        for (Expr e : graph.order()) {
            if (isElementwise(e)) {
                int before = e.inputs().stream()
                        .mapToInt(in -> lengths.getOrDefault(in, 0) % LONGEST)
                        .max()
                        .orElse(0);
                lengths.put(e, before + 1);
            } else if (e.op() instanceof Contraction.Conv || MatMulLowering.isNative(e)) {
                contraction(e);
            } else if (e.op() instanceof Contraction.ConvGradWeight) {
                biasGradient(e);
            }
            if (e.op() instanceof Elementwise && size(e) >= SLOPE_SIZE) {
                Slope.of(e)
                        .filter(s -> s.inner().stream().allMatch(i -> isOnlyFor(i, e, s.inner())))
                        .ifPresent(s -> slope(e, s));
            }
        }
    }

    /** The node that computes {@code e}: itself unless another one takes it along. */
    Expr root(Expr e) {
        return roots.getOrDefault(e, e);
    }

    /** The convolution or product that ends in {@code root}. */
    Contracted contracted(Expr root) {
        return Objects.requireNonNull(contractions.get(root));
    }

    boolean isContracted(Expr root) {
        return contractions.containsKey(root);
    }

    /** The sum that a convolution's weight gradient computes along, which is the gradient of its bias. */
    Optional<Expr> biasGradient(Contraction.ConvGradWeight op, Expr e) {
        return op == e.op() ? Optional.ofNullable(biasGradients.get(e)) : Optional.empty();
    }

    /** Takes apart what {@code root} computes at once, for want of a kernel for it. */
    void separate(Expr root) {
        Expr core = contracted(root).core();
        roots.values().removeIf(r -> r == root);
        contractions.remove(root);
        contractions.put(core, new Contracted(core, Optional.empty(), Optional.empty()));
    }

    /** Leaves the gradient of the bias to a sum of its own. */
    void separateBias(Expr weightGradient) {
        biasGradients.remove(weightGradient);
        roots.values().removeIf(r -> r == weightGradient);
    }

    List<Expr> readers(Expr e) {
        return readers.getOrDefault(e, Collections.emptyList());
    }

    /** Whether nobody computes {@code e} ahead: whoever reads it takes it along or asks for it. */
    boolean isLazy(Expr e) {
        Op op = e.op();
        boolean view = op instanceof Leaf
                || op instanceof Movement.Reshape
                || op instanceof Movement.Broadcast
                || op instanceof Movement.Transpose;
        boolean part = op instanceof Movement.Slice && e.input(0).op() instanceof Leaf.Variable;
        return view || part || FusedBuilder.constant(e).isPresent() || root(e) != e || isInside(e);
    }

    /** Whether a fused elementwise kernel computes {@code e} on its way to the only result that reads it. */
    boolean isInside(Expr e) {
        if (e.op() instanceof Movement.Broadcast) {
            return true;
        }
        if (!isElementwise(e) || kept.containsKey(e) || roots.containsKey(e) || contractions.containsKey(e)) {
            return false;
        }
        List<Expr> all = readers(e);
        boolean ends = lengths.getOrDefault(e, 0) == LONGEST;
        return all.size() == 1
                && !ends
                && isElementwise(all.get(0))
                && !isNative(e)
                && !isNative(all.get(0))
                && tiled.turn(e).equals(tiled.turn(all.get(0)));
    }

    static boolean isElementwise(Expr e) {
        return e.op() instanceof Elementwise || e.op() instanceof Marker.Require;
    }

    /** Whether an expression is one result of one stage, and nothing else. */
    boolean isResultOnly(Expr e) {
        return readers(e).isEmpty() && kept.getOrDefault(e, 0) == 1;
    }

    private void slope(Expr product, Slope slope) {
        slopes.put(product, slope);
        slope.inner().forEach(e -> roots.put(e, product));
    }

    /** The gradient of an activation that a product of many elements is, for a native kernel. */
    Optional<Slope> slope(Expr product) {
        return Optional.ofNullable(slopes.get(product));
    }

    /** Leaves the operators of a slope to a fused kernel. */
    void separateSlope(Expr product) {
        slopes.remove(product);
        roots.values().removeIf(r -> r == product);
    }

    /** Whether a function of many elements gets a native kernel. */
    boolean isNative(Expr e) {
        return slopes.containsKey(e)
                || e.op() instanceof Elementwise.Unary unary
                        && size(e) >= (unary.fn() == UnaryFn.TANH ? TANH_SIZE : NATIVE_SIZE)
                        && EltwiseLowering.function(unary).isPresent();
    }

    /** The size of a node, or of that which it is a part of: parts are computed as the whole. */
    private int size(Expr e) {
        return tiled.origin(e).shape().size();
    }

    private boolean isReadOnce(Expr e) {
        return readers(e).size() == 1
                && !kept.containsKey(e)
                && tiled.turn(e).equals(tiled.turn(readers(e).get(0)));
    }

    /** Whether nobody reads {@code e} but a root and others that it takes along, all at the same turn. */
    private boolean isOnlyFor(Expr e, Expr root, Set<Expr> others) {
        return !kept.containsKey(e)
                && readers(e).stream().allMatch(r -> r == root || others.contains(r))
                && tiled.turn(e).equals(tiled.turn(root));
    }

    /** Gives a convolution or product the bias and the activation behind it; {@code Channels.isTakenAlong} knows which. */
    private void contraction(Expr core) {
        Expr root = core;
        Optional<Expr> bias = Optional.empty();
        if (isReadOnce(core)) {
            Expr sum = readers(core).get(0);
            bias = bias(core, sum);
            if (bias.isPresent()) {
                roots.put(core, sum);
                root = sum;
            }
        }
        Optional<Elementwise.Unary> activation = Optional.empty();
        if (isReadOnce(root)
                && readers(root).get(0).op() instanceof Elementwise.Unary unary
                && ACTIVATIONS.contains(unary.fn())
                && (!isPadded(core) || unary.fn() == UnaryFn.RELU)) {
            activation = Optional.of(unary);
            Expr last = readers(root).get(0);
            roots.put(core, last);
            roots.put(root, last);
            root = last;
        }
        contractions.put(root, new Contracted(core, bias, activation));
    }

    /** Whether kernels for a convolution compute its activation for channels that are not there, too. */
    private static boolean isPadded(Expr core) {
        return core.op() instanceof Contraction.Conv && core.shape().dim(1) % BLOCK != 0;
    }

    private static Optional<Expr> bias(Expr core, Expr sum) {
        if (!(sum.op() instanceof Elementwise.Binary add) || add.fn() != BinaryFn.ADD) {
            return Optional.empty();
        }
        Expr other = sum.input(0) == core ? sum.input(1) : sum.input(0);
        if (other.op() instanceof Movement.Broadcast
                && isPerChannel(other.input(0).shape(), core.shape())) {
            return Optional.of(other.input(0));
        }
        return Optional.empty();
    }

    /** Whether a shape that broadcasts to N×C×H×W or N×C has one number per channel C. */
    private static boolean isPerChannel(Shape shape, Shape result) {
        int axis = 1 - result.rank();
        return shape.rank() >= -axis && shape.dim(axis) == result.dim(1) && shape.size() == result.dim(1);
    }

    private void biasGradient(Expr weightGradient) {
        Expr g = weightGradient.input(1);
        for (Expr reader : readers(g)) {
            if (reader.op() instanceof Reduction.Sum sum
                    && !sum.axes().contains(1)
                    && isPerChannel(reader.shape(), g.shape())
                    && tiled.turn(reader).equals(tiled.turn(weightGradient))
                    && isComputableWith(reader, weightGradient)
                    && !roots.containsKey(reader)) {
                roots.put(reader, weightGradient);
                biasGradients.put(weightGradient, reader);
                return;
            }
        }
    }

    /** Whether a sum belongs to the stage of a gradient of weights, whose images do not depend on the sum. */
    private boolean isComputableWith(Expr sum, Expr weightGradient) {
        Expr images = weightGradient.input(0);
        return place(sum).stage == place(weightGradient).stage
                && (place(images).index < place(sum).index
                        || !Graph.topological(List.of(images)).contains(sum));
    }

    private Place place(Expr e) {
        return Objects.requireNonNull(places.get(e));
    }
}
