package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.FusedBuilder;
import dev.fluxion.engine.kernel.Guarded;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Binary;
import dev.fluxion.ffi.Eltwise;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Pass;
import dev.fluxion.ffi.PostOps;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Marker;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.UnaryFn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Elementwise operators: fused in Java, or one native kernel for a slow function, for the gradient of an activation or for a
 * sum of many elements.
 */
final class EltwiseLowering {
    /** The values that a native kernel adds: two, and those of 32 post-ops. */
    private static final int MOST = 34;

    /**
     * max(x, 0) that keeps NaN, which the library's own makes 0: x times what is 1 from the smallest normal number on and 0 from 0
     * down, and then + 0, which makes −0 a 0. At −∞ it is NaN.
     */
    private static final PostOps RELU = PostOps.NONE
            .eltwise(Eltwise.Function.HARD_SWISH, Float.MAX_VALUE, 0)
            .eltwise(Eltwise.Function.LINEAR, 1, 0);

    private final Lowering lowering;
    private final Fusion fusion;
    private final RuleBook rules;

    EltwiseLowering(Lowering lowering, Fusion fusion, RuleBook rules) {
        this.lowering = lowering;
        this.fusion = fusion;
        this.rules = rules;
    }

    /**
     * A native function.
     *
     * @param kind the function
     * @param alpha its first constant
     * @param beta its second constant
     */
    record Function(Eltwise.Function kind, float alpha, float beta) {
        Eltwise on(Layout layout) {
            return Eltwise.of(kind, alpha, beta, layout);
        }

        PostOps after(PostOps before) {
            return before.eltwise(kind, alpha, beta);
        }
    }

    /**
     * The native function that computes an operator, where Java would be slow. The native logarithm and softplus are not
     * among them: they are off by 4·10⁻⁶ near log 1 = 0, and by 10⁻⁷·|x| where softplus vanishes.
     */
    static Optional<Function> function(Elementwise.Unary op) {
        return switch (op.fn()) {
            case EXP -> Optional.of(new Function(Eltwise.Function.EXP, 0, 0));
            case TANH -> Optional.of(new Function(Eltwise.Function.TANH, 0, 0));
            case SIGMOID -> Optional.of(new Function(Eltwise.Function.LOGISTIC, 0, 0));
            case GELU -> Optional.of(new Function(Eltwise.Function.GELU_ERF, 0, 0));
            case SILU -> Optional.of(new Function(Eltwise.Function.SWISH, 1, 0));
            case ELU -> Optional.of(new Function(Eltwise.Function.ELU, (float) op.alpha(), 0));
            case RELU,
                    LEAKY_RELU,
                    SOFTPLUS,
                    NEG,
                    ABS,
                    SIGN,
                    LOG,
                    LOG1P,
                    SQRT,
                    SQUARE,
                    RECIPROCAL,
                    POWER,
                    SIN,
                    COS,
                    ERF -> Optional.empty();
        };
    }

    /** The post-ops for an activation, if there is one. */
    static PostOps after(Optional<Elementwise.Unary> activation) {
        return activation.map(EltwiseLowering::after).orElse(PostOps.NONE);
    }

    private static PostOps after(Elementwise.Unary op) {
        float slope = op.fn() == UnaryFn.LEAKY_RELU ? (float) op.alpha() : 0;
        if (slope != 0) {
            return new Function(Eltwise.Function.RELU, slope, 0).after(PostOps.NONE);
        }
        return op.fn() == UnaryFn.RELU || op.fn() == UnaryFn.LEAKY_RELU
                ? RELU
                : function(op).orElseThrow().after(PostOps.NONE);
    }

    /** A native kernel for {@code e}. */
    void alone(Expr e) {
        Optional<ActivationGradient> slope = fusion.activationGradient(e);
        if (slope.isPresent()) {
            slope(e, slope.get());
        } else {
            function(e);
        }
    }

    private void slope(Expr e, ActivationGradient slope) {
        Eltwise.Function function = slope.function();
        Layout layout = lowering.value(slope.data()).layout();
        Eltwise backward =
                Eltwise.of(function, (float) slope.alpha(), 0, layout).pass(Pass.BACKWARD);
        Optional<Primitive> offered = lowering.primitives().offered(backward);
        if (offered.isEmpty()) {
            fusion.separate(e);
            fused(e);
            return;
        }
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.DESTINATION_GRADIENT, lowering.value(slope.gradient(), layout));
        reads.put(function.isFromResult() ? Arg.DESTINATION : Arg.SOURCE, lowering.value(slope.data(), layout));
        Buffer to = lowering.destination(e, layout);
        Step step = Primitives.step(
                        slope.activation() + " gradient",
                        e.origin(),
                        offered.get(),
                        reads,
                        Map.of(Arg.SOURCE_GRADIENT, to),
                        e.shape().size())
                .overwriting();
        Buffer data = lowering.value(slope.data(), layout);
        lowering.emit(
                e, to, slope.activation() == UnaryFn.ELU ? Guarded.step(step, data, Guarded.elements(data, to)) : step);
    }

    private void function(Expr e) {
        Elementwise.Unary op = (Elementwise.Unary) e.op();
        Function f = function(op).orElseThrow();
        Buffer from = lowering.value(e.input(0));
        Optional<Primitive> offered = lowering.primitives().offered(f.on(from.layout()));
        if (offered.isEmpty()) {
            from = lowering.plain(e.input(0));
            offered = lowering.primitives().offered(f.on(from.layout()));
        }
        if (offered.isEmpty()) {
            fused(e);
            return;
        }
        Buffer to = lowering.destination(e, from.layout());
        Step step = Primitives.step(
                op.toString(),
                e.origin(),
                offered.get(),
                Map.of(Arg.SOURCE, from),
                Map.of(Arg.DESTINATION, to),
                e.shape().size());
        // The exponential of NaN is infinite here, and the others keep it.
        lowering.emit(
                e,
                to,
                op.fn() == UnaryFn.EXP ? Guarded.step(step, to, Guarded.elements(from, to)) : step.overwriting());
    }

    void fused(Expr e) {
        Layout layout = layout(e);
        List<Expr> addends = addends(e);
        Optional<Primitive> sum = sum(addends, e.shape(), layout);
        if (sum.isPresent()) {
            sum(e, addends, sum.get(), layout);
            return;
        }
        Buffer to = lowering.destination(e, layout);
        FusedBuilder.Operands operands = new FusedBuilder.Operands() {
            @Override
            public boolean isInside(Expr x) {
                return x == e || fusion.isInside(x);
            }

            @Override
            public Buffer buffer(Expr x) {
                return x.shape().equals(e.shape()) && !layout.isPlain() ? lowering.value(x, layout) : lowering.plain(x);
            }
        };
        lowering.emit(e, to, new FusedBuilder(e.shape(), operands).add(e, to).build(e.origin()));
    }

    /** A native kernel, where there is more than one value and all are of the shape of their sum. */
    private Optional<Primitive> sum(List<Expr> all, Shape shape, Layout layout) {
        boolean adds = rules.has(RuleBook.Form.NATIVE_SUMS)
                && all.size() > 1
                && all.size() <= MOST
                && shape.size() >= Fusion.NATIVE_SIZE
                && all.stream().noneMatch(a -> a.op() instanceof Movement.Broadcast);
        if (!adds) {
            return Optional.empty();
        }
        PostOps others = PostOps.NONE;
        for (int i = 2; i < all.size(); i++) {
            others = others.binary(Binary.Function.ADD, layout);
        }
        return lowering.primitives().offered(new Binary(Binary.Function.ADD, layout, layout, layout, others));
    }

    /** What the native sum of two values and others calls the one at an index. */
    private static Arg addend(int index) {
        return switch (index) {
            case 0 -> Arg.SOURCE;
            case 1 -> Arg.RIGHT;
            default -> Arg.postOp(index - 2);
        };
    }

    /** The values that nested additions add, in their order; only the expression itself if it is no addition. */
    private List<Expr> addends(Expr e) {
        List<Expr> found = new ArrayList<>();
        Expr rest = e;
        while (isAddition(rest) && (rest == e || fusion.isInside(rest))) {
            found.add(0, rest.input(1));
            rest = rest.input(0);
        }
        found.add(0, rest);
        boolean flat = found.stream().noneMatch(a -> a != e && fusion.isInside(a));
        return flat ? found : List.of(e);
    }

    private static boolean isAddition(Expr e) {
        return e.op() instanceof Elementwise.Binary op && op.fn() == BinaryFn.ADD;
    }

    private void sum(Expr e, List<Expr> addends, Primitive primitive, Layout layout) {
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        for (Expr addend : addends) {
            reads.put(addend(reads.size()), lowering.value(addend, layout));
        }
        Buffer to = lowering.destination(e, layout);
        double count = (double) e.shape().size() * (reads.size() - 1);
        lowering.emit(
                e,
                to,
                Primitives.step(
                        "sum of " + reads.size(), e.origin(), primitive, reads, Map.of(Arg.DESTINATION, to), count));
    }

    /**
     * The dense layout in which most operands of the result's shape lie, rather one that a kernel chose than the plain one, and
     * rather channels last than in blocks; plain if there are operands of other shapes that are no scalars,
     * and where elements are named that are refused.
     */
    private Layout layout(Expr e) {
        Layout plain = TensorLayout.plain(e.shape(), TensorLayout.type(e));
        List<Expr> operands = new ArrayList<>();
        Set<Expr> seen = new HashSet<>(Set.of(e));
        leaves(e, e.shape(), operands, seen);
        operands.removeIf(leaf -> leaf.shape().size() == 1 && e.shape().size() != 1);
        boolean alike = operands.stream().allMatch(o -> o.shape().equals(e.shape()) && o.dtype() == e.dtype());
        boolean names = seen.stream().anyMatch(x -> x.op() instanceof Marker.Require);
        if (!alike || names || e.dtype() == DType.INT) {
            return plain;
        }
        return operands.stream()
                .map(o -> lowering.value(o).layout())
                .filter(Layout::isDense)
                .distinct()
                .max(Comparator.<Layout>comparingLong(layout -> operands.stream()
                                .filter(o -> lowering.isIn(o, layout))
                                .count())
                        .thenComparing(layout -> !layout.isPlain())
                        .thenComparing(layout -> !layout.isBlocked()))
                .orElse(plain);
    }

    private void leaves(Expr e, Shape shape, List<Expr> found, Set<Expr> seen) {
        for (Expr in : e.inputs()) {
            if (!seen.add(in)) {
                continue;
            }
            if (FusedBuilder.constant(in).isPresent()) {
                continue;
            }
            if (in.op() instanceof Movement.Broadcast) {
                if (FusedBuilder.constant(in.input(0)).isEmpty()) {
                    found.add(in.input(0));
                }
            } else if (fusion.isInside(in) && in.shape().equals(shape)) {
                leaves(in, shape, found, seen);
            } else {
                found.add(in);
            }
        }
    }
}
