package dev.fluxion.engine.update;

import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Marker;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.UnaryFn;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/**
 * Between which numbers an expression of a rule lies, and how it follows the targets: its magnitude is at most the sum of
 * {@code factors} times theirs, plus {@code term}. NaN where too little is known.
 */
final class Interval {
    private final double low;
    private final double high;
    private final double[] factors;
    private final double term;

    Interval(double low, double high, double[] factors, double term) {
        this.low = low;
        this.high = high;
        this.factors = factors;
        this.term = term;
    }

    double low() {
        return low;
    }

    static Interval of(double low, double high, int targets) {
        return new Interval(low, high, new double[targets], Math.max(Math.abs(low), Math.abs(high)));
    }

    /** That of a target itself. */
    static Interval target(int index, int targets, double most, boolean positive) {
        double[] factors = new double[targets];
        factors[index] = 1;
        return new Interval(positive ? 0 : -most, most, factors, 0);
    }

    private static Interval unknown(int targets) {
        return of(Double.NaN, Double.NaN, targets);
    }

    /** That of an expression, from those of its operands. */
    static Interval of(Expr e, List<Interval> in, int targets) {
        if (e.op() instanceof Leaf.Constant constant) {
            return of(constant.value(), constant.value(), targets);
        }
        if (e.op() instanceof Elementwise.Unary unary) {
            return in.get(0).unary(unary.fn(), unary.alpha());
        }
        if (e.op() instanceof Elementwise.Binary binary) {
            return e.input(0) == e.input(1) && binary.fn() == BinaryFn.MUL
                    ? in.get(0).unary(UnaryFn.SQUARE, 0)
                    : in.get(0).binary(binary.fn(), in.get(1));
        }
        if (e.op() instanceof Elementwise.Where) {
            return in.get(1).either(in.get(2));
        }
        boolean same = e.op() instanceof Movement.Broadcast || e.op() instanceof Marker.StopGradient;
        return same ? in.get(0) : unknown(targets);
    }

    /** The largest magnitude. */
    double size() {
        return Math.max(Math.abs(low), Math.abs(high));
    }

    double factor(int target) {
        return factors[target];
    }

    /** The magnitude but for the part that follows one target, the others being as large as given. */
    double rest(int target, double[] most) {
        double sum = term;
        for (int i = 0; i < factors.length; i++) {
            sum += i == target ? 0 : factors[i] * most[i];
        }
        return sum;
    }

    private Interval binary(BinaryFn fn, Interval b) {
        return switch (fn) {
            case ADD -> sum(low + b.low, high + b.high, b);
            case SUB -> sum(low - b.high, high - b.low, b);
            case MUL -> product(b);
            case DIV -> b.low > 0 || b.high < 0 ? product(b.inverse()) : unknown(factors.length);
            case MAX -> either(b).within(Math.max(low, b.low), Math.max(high, b.high));
            case MIN -> either(b).within(Math.min(low, b.low), Math.min(high, b.high));
            case EQ, NE, LT, LE, GT, GE -> of(0, 1, factors.length);
            case POW -> unknown(factors.length);
        };
    }

    private Interval unary(UnaryFn fn, double alpha) {
        int targets = factors.length;
        return switch (fn) {
            case NEG -> within(-high, -low);
            case ABS -> within(low > 0 ? low : Math.max(0, -high), size());
            case RELU -> within(Math.max(0, low), Math.max(0, high));
            case SQUARE -> of(low > 0 ? low * low : high < 0 ? high * high : 0, size() * size(), targets);
            case SQRT -> low >= 0 ? of(Math.sqrt(low), Math.sqrt(high), targets) : unknown(targets);
            case RECIPROCAL -> low > 0 || high < 0 ? inverse() : unknown(targets);
            case EXP -> of(Math.exp(low), Math.exp(high), targets);
            case SIGN, SIN, COS, TANH, ERF -> of(-1, 1, targets);
            case ATAN -> of(-Math.PI / 2, Math.PI / 2, targets);
            case SIGMOID -> of(0, 1, targets);
            case LEAKY_RELU -> either(product(of(alpha, alpha, targets)));
            default -> unknown(targets);
        };
    }

    private Interval inverse() {
        return of(1 / high, 1 / low, factors.length);
    }

    /** Other ends, the magnitude following the targets as before. */
    private Interval within(double newLow, double newHigh) {
        return new Interval(newLow, newHigh, factors, term);
    }

    private Interval sum(double newLow, double newHigh, Interval b) {
        return new Interval(newLow, newHigh, each(b, Double::sum), term + b.term);
    }

    private Interval product(Interval b) {
        double[] ends = {low * b.low, low * b.high, high * b.low, high * b.high};
        double newLow = Math.min(Math.min(ends[0], ends[1]), Math.min(ends[2], ends[3]));
        double newHigh = Math.max(Math.max(ends[0], ends[1]), Math.max(ends[2], ends[3]));
        if (b.isFree()) {
            double by = b.size();
            return new Interval(newLow, newHigh, each(b, (x, none) -> x * by), term * by);
        }
        return isFree() ? b.product(this) : of(newLow, newHigh, factors.length);
    }

    private Interval either(Interval b) {
        return new Interval(Math.min(low, b.low), Math.max(high, b.high), each(b, Math::max), Math.max(term, b.term));
    }

    /** Whether it follows no target. */
    private boolean isFree() {
        for (double factor : factors) {
            if (factor != 0) {
                return false;
            }
        }
        return true;
    }

    private double[] each(Interval b, DoubleBinaryOperator fn) {
        double[] result = new double[factors.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = fn.applyAsDouble(factors[i], b.factors[i]);
        }
        return result;
    }
}
