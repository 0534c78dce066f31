package dev.fluxion.engine.rule;

import dev.fluxion.engine.kernel.FusedBuilder;
import dev.fluxion.ffi.Eltwise;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.UnaryFn;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of an activation, recognised by the operators that differentiation makes of it.
 *
 * @param activation what is differentiated
 * @param function the native function
 * @param alpha its first constant
 * @param beta its second constant
 * @param data what the activation gave if the function {@link Eltwise.Function#isFromResult() wants that}, else what it was
 *     applied to
 * @param gradient the gradient of what it gave
 * @param inner the operators between the two and the product
 */
record ActivationGradient(
        String activation,
        Eltwise.Function function,
        double alpha,
        double beta,
        Expr data,
        Expr gradient,
        Set<Expr> inner) {
    private static final List<Pattern> PATTERNS = NativeFunctions.all().stream()
            .flatMap(kernels -> kernels.gradient().map(g -> Pattern.of(kernels.fn(), g)).stream())
            .toList();

    /** The slope that a product is, if it is one. */
    static Optional<ActivationGradient> of(Expr product) {
        if (!(product.op() instanceof Elementwise.Binary op) || op.fn() != BinaryFn.MUL) {
            return Optional.empty();
        }
        for (int side = 0; side < 2; side++) {
            Optional<ActivationGradient> clip = ofClip(product.input(side), product.input(1 - side), product.shape());
            if (clip.isPresent()) {
                return clip;
            }
            for (Pattern pattern : PATTERNS) {
                Match match = new Match(pattern, product.shape());
                if (match.isOf(product.input(side)) && !isComparison(product.input(1 - side))) {
                    return Optional.of(match.slope(product.input(1 - side)));
                }
            }
        }
        return Optional.empty();
    }

    /** The slope of what is 1 between two bounds, of a number that is compared with both, and 0 elsewhere. */
    private static Optional<ActivationGradient> ofClip(Expr between, Expr gradient, Shape shape) {
        if (!(between.op() instanceof Elementwise.Binary op) || op.fn() != BinaryFn.MUL) {
            return Optional.empty();
        }
        Expr above = between.input(0);
        Expr below = between.input(1);
        boolean compares = isComparison(above) && isComparison(below) && above.input(0) == below.input(0);
        if (!compares || !above.input(0).shape().equals(shape)) {
            return Optional.empty();
        }
        OptionalDouble least = bound(above, BinaryFn.GT, BinaryFn.GE, Float.NEGATIVE_INFINITY);
        OptionalDouble most = bound(below, BinaryFn.LT, BinaryFn.LE, Float.POSITIVE_INFINITY);
        return least.isPresent() && most.isPresent() && least.getAsDouble() <= most.getAsDouble()
                ? Optional.of(new ActivationGradient(
                        "clip",
                        Eltwise.Function.CLIP_FROM_RESULT,
                        least.getAsDouble(),
                        most.getAsDouble(),
                        above.input(0),
                        gradient,
                        Set.of(between, above, below)))
                : Optional.empty();
    }

    /** The number next to those that a comparison holds for, if it is one of two; from that number on, it is the one beyond. */
    private static OptionalDouble bound(Expr comparison, BinaryFn without, BinaryFn with, float beyond) {
        BinaryFn fn = ((Elementwise.Binary) comparison.op()).fn();
        Optional<DoubleSupplier> constant = FusedBuilder.constant(unspread(comparison.input(1)));
        if (constant.isEmpty() || fn != without && fn != with) {
            return OptionalDouble.empty();
        }
        float number = (float) constant.get().getAsDouble();
        return OptionalDouble.of(fn == without ? number : Math.nextAfter(number, beyond));
    }

    private static Expr unspread(Expr e) {
        return e.op() instanceof Movement.Broadcast ? e.input(0) : e;
    }

    private static boolean isComparison(Expr e) {
        return e.op() instanceof Elementwise.Binary op
                && switch (op.fn()) {
                    case GT, GE, LT, LE, EQ, NE -> true;
                    case ADD, SUB, MUL, DIV, MAX, MIN, POW -> false;
                };
    }

    /**
     * What the derivative of a function looks like.
     *
     * @param fn the function, its constant being {@code ANY} if it has one
     * @param function the native function
     * @param x what stands for that which the function is applied to
     * @param y what stands for its result
     * @param derivative the derivative, of these
     */
    private record Pattern(Elementwise.Unary fn, Eltwise.Function function, Expr x, Expr y, Expr derivative) {
        /** Stands for the constant of a function that has one: no derivative has this number of its own. */
        static final double ANY = 0x1.9e3779b97f4a7p-9;

        static Pattern of(UnaryFn fn, Eltwise.Function function) {
            Elementwise.Unary op = new Elementwise.Unary(fn, fn.parameterised() ? ANY : 0);
            Expr x = Expr.input("x", Shape.scalar());
            Expr y = new Expr(op, List.of(x));
            Expr g = Expr.input("g", Shape.scalar());
            return new Pattern(op, function, x, y, op.gradient(y, g).get(0).input(0));
        }
    }

    /** What stands where a pattern has its letters. */
    private static final class Match {
        private final Pattern pattern;
        private final Shape shape;
        private final Map<Expr, Expr> found = new HashMap<>();
        private final Set<Expr> inner = new LinkedHashSet<>();
        /** The constant of the function; NaN until it is known. */
        private double alpha;

        Match(Pattern pattern, Shape shape) {
            this.pattern = pattern;
            this.shape = shape;
            alpha = pattern.fn.alpha() == Pattern.ANY ? Double.NaN : pattern.fn.alpha();
        }

        boolean isOf(Expr derivative) {
            return fits(pattern.derivative, derivative) && isNative() && isApplied();
        }

        ActivationGradient slope(Expr gradient) {
            Expr data = found.get(pattern.function.isFromResult() ? pattern.y : pattern.x);
            NativeFunctions.Native constants = NativeFunctions.named(new Elementwise.Unary(pattern.fn.fn(), alpha));
            return new ActivationGradient(
                    pattern.fn.fn().toString(),
                    pattern.function,
                    constants.alpha(),
                    constants.beta(),
                    Objects.requireNonNull(data),
                    gradient,
                    inner);
        }

        /** A function that falls has no derivative by its result. */
        private boolean isNative() {
            return !pattern.function.isFromResult() || alpha >= 0;
        }

        /** Whether the result is that of the function, where a derivative reads both sides of it. */
        private boolean isApplied() {
            @Nullable Expr x = found.get(pattern.x);
            @Nullable Expr y = found.get(pattern.y);
            return x == null
                    || y == null
                    || y.op().equals(new Elementwise.Unary(pattern.fn.fn(), alpha)) && y.input(0) == x;
        }

        private boolean fits(Expr p, Expr e) {
            if (p == pattern.x || p == pattern.y) {
                return found.computeIfAbsent(p, k -> e) == e && e.shape().equals(shape);
            }
            if (p.op() instanceof Leaf.Constant constant) {
                return fits(constant, unspread(e).op());
            }
            if (!p.op().equals(e.op())) {
                return false;
            }
            for (int i = 0; i < e.inputs().size(); i++) {
                if (!fits(p.input(i), e.input(i))) {
                    return false;
                }
            }
            inner.add(e);
            return true;
        }

        private boolean fits(Leaf.Constant p, Op op) {
            if (!(op instanceof Leaf.Constant constant)) {
                return false;
            }
            boolean isAny = p.value() == Pattern.ANY;
            if (isAny && Double.isNaN(alpha)) {
                alpha = constant.value();
            }
            return constant.value() == (isAny ? alpha : p.value());
        }
    }
}
