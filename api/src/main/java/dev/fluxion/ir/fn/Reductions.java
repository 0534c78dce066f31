package dev.fluxion.ir.fn;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;

/**
 * Reductions over axes, which disappear; none for all of them, which leaves a scalar. Negative axes count from the last. Sums, means and
 * largest elements are methods of {@link Expr}.
 */
public final class Reductions {
    /** Integers up to here are exact in float32. */
    private static final int EXACT = 1 << 24;

    private Reductions() {}

    /** The smallest element; those that tie share the gradient, and a NaN wins. */
    public static Expr min(Expr x, int... axes) {
        return Axes.given("min", x).neg().maxOver(Axes.all(x, axes)).neg();
    }

    /** The product, of no elements 1. Its gradient is exact where elements are 0. */
    public static Expr prod(Expr x, int... axes) {
        int[] over = Axes.all(Axes.given("prod", x), axes);
        Expr rows = Axes.merged(x, over);
        for (int extent = rows.shape().dim(-1);
                extent > 1;
                extent = rows.shape().dim(-1)) {
            int half = (extent + 1) / 2;
            rows = rows.slice(-1, 0, half).mul(rows.slice(-1, half, extent).pad(-1, 0, 2 * half - extent, 1));
        }
        Shape shape = x.shape().without(over);
        return rows.shape().dim(-1) == 0 ? Expr.constant(1).broadcastTo(shape) : rows.reshape(shape);
    }

    /** Σ|x|. */
    public static Expr l1(Expr x, int... axes) {
        return Axes.given("l1", x).abs().sum(Axes.all(x, axes));
    }

    /** √Σx², without overflow; its gradient at 0 is 0. */
    public static Expr l2(Expr x, int... axes) {
        return norm(x, 2, axes);
    }

    /** (Σ|x|ᵖ)^(1/p), without overflow, and of p = ∞ the largest |x|; its gradient at 0 is 0. p is at least 1. */
    public static Expr norm(Expr x, double p, int... axes) {
        int[] over = Axes.all(Axes.given("norm", x), axes);
        if (!(p >= 1)) {
            throw new IllegalArgumentException(Errors.exponent(p));
        }
        if (p == 1) {
            return l1(x, over);
        }
        if (p == Double.POSITIVE_INFINITY) {
            return x.abs().maxOver(over);
        }
        Expr largest = scale(x.abs(), over);
        Expr scaled = x.div(largest);
        Expr powers = (p == 2 ? scaled.square() : scaled.abs().pow(p)).sumKeepDims(over);
        Expr isNone = powers.eq(0);
        Expr positive = isNone.where(Expr.constant(1), powers);
        Expr root = (p == 2 ? positive.sqrt() : positive.pow(1 / p)).mul(largest);
        return isNone.where(Expr.constant(0), root).reshape(x.shape().without(over));
    }

    /** The largest element of positive ones, as a constant, or 1 where it is 0, infinite or there is none. */
    private static Expr scale(Expr x, int... over) {
        if (x.shape().size() == 0) {
            return Expr.constant(1);
        }
        Expr largest = x.maxKeepDims(over).stopGradient();
        Expr isUsed = largest.gt(0).mul(largest.lt(Double.POSITIVE_INFINITY));
        return isUsed.where(largest, Expr.constant(1));
    }

    /** Σx². */
    public static Expr sumOfSquares(Expr x, int... axes) {
        return Axes.given("sumOfSquares", x).square().sum(Axes.all(x, axes));
    }

    /** log Σx. */
    public static Expr logSum(Expr x, int... axes) {
        return Axes.given("logSum", x).sum(Axes.all(x, axes)).log();
    }

    /** log Σeˣ, without overflow; of no elements −∞. */
    public static Expr logSumExp(Expr x, int... axes) {
        int[] over = Axes.all(Axes.given("logSumExp", x), axes);
        Shape kept = x.shape().without(over);
        if (x.shape().size() == 0) {
            return x.exp().sum(over).log();
        }
        Expr largest = x.maxKeepDims(over).stopGradient();
        Expr isFinite = largest.abs().lt(Double.POSITIVE_INFINITY);
        Expr shift = isFinite.where(largest, Expr.constant(0));
        return x.sub(shift).exp().sum(over).log().add(shift.reshape(kept));
    }

    /** 1 where an element is not 0, else 0; NaN is not 0. */
    public static Expr any(Expr x, int... axes) {
        return Axes.given("any", x).ne(0).sum(Axes.all(x, axes)).gt(0);
    }

    /** 1 where no element is 0, else 0; of no elements 1. */
    public static Expr all(Expr x, int... axes) {
        return Axes.given("all", x).eq(0).sum(Axes.all(x, axes)).eq(0);
    }

    /** The position along an axis, which disappears, of the first largest element, as integers; the first NaN wins. */
    public static Expr argMax(Expr x, int axis) {
        int along = Axes.given("argMax", x).shape().axis(axis);
        int extent = x.shape().dim(along);
        if (extent == 0 || extent > EXACT) {
            throw new ShapeException(Errors.extent("argMax", x.shape(), axis, EXACT));
        }
        Expr isFound = x.eq(x.maxKeepDims(along)).max(x.ne(x));
        Expr places = Axes.along(Expr.iota(extent), along, x.shape()).toFloat();
        return min(isFound.where(places, Expr.constant(extent)), along).toInt();
    }

    /** The position along an axis, which disappears, of the first smallest element, as integers; the first NaN wins. */
    public static Expr argMin(Expr x, int axis) {
        return argMax(Axes.given("argMin", x).neg(), axis);
    }
}
