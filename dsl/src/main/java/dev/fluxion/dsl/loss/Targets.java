package dev.fluxion.dsl.loss;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;

/**
 * Checks inputs of losses: shapes and types when the graph is built, values at run time. A bad value is a
 * {@link dev.fluxion.ir.ValueException} that names the element.
 */
final class Targets {
    private static final double SUM_TOLERANCE = 1e-4;

    private Targets() {}

    static void requireFloat(String what, Expr e) {
        if (e.dtype() != DType.FLOAT) {
            throw new ShapeException(Errors.notFloating(what, e.shape()));
        }
    }

    static void requireShape(String what, Shape expected, Expr e) {
        if (!e.shape().equals(expected)) {
            throw new ShapeException(Errors.inputShape(what, expected, e.shape()));
        }
    }

    static void requireIntegers(String what, Shape expected, Expr e) {
        if (e.dtype() != DType.INT) {
            throw new ShapeException(Errors.notIntegers(what, e.shape()));
        }
        requireShape(what, expected, e);
    }

    /** Whether a shape broadcasts to another one. */
    static boolean stretches(Shape from, Shape to) {
        for (int i = 1; i <= from.rank(); i++) {
            if (i > to.rank() || from.dim(-i) != 1 && from.dim(-i) != to.dim(-i)) {
                return false;
            }
        }
        return true;
    }

    static void requireCount(List<String> names, int least, int count) {
        if (count < least || count > names.size()) {
            throw new ShapeException(Errors.inputCount(names, least, count));
        }
    }

    /** y, each −1 or 1. */
    static Expr signs(Expr y) {
        return y.require(either(y, -1, 1), Errors.signs());
    }

    /** y, each 0 or 1. */
    static Expr bits(Expr y) {
        return y.require(either(y, 0, 1), Errors.bits());
    }

    /** x, each in [0, 1]. */
    static Expr fractions(String what, Expr x) {
        return x.require(x.ge(0).mul(x.le(1)), Errors.fractions(what));
    }

    /** Probabilities that sum to 1 along an axis. */
    static Expr distributions(String what, Expr p, int axis) {
        Expr inside = fractions(what, p);
        return inside.require(sumsToOne(what, inside, axis), Errors.sumToOne(what));
    }

    /** Logarithms of probabilities that sum to 1 along an axis. */
    static Expr logDistributions(String what, Expr x, int axis) {
        Expr inside = x.require(x.le(0), Errors.logProbabilities(what));
        return inside.require(sumsToOne(what, inside.exp(), axis), Errors.sumToOne(what));
    }

    /** Classes in a range. */
    static Expr classes(Expr index, int from, int classes) {
        return index.require(index.ge(from).mul(index.lt(classes)), Errors.classRange(from, classes));
    }

    private static Expr either(Expr y, double a, double b) {
        return y.eq(a).max(y.eq(b));
    }

    /** 1 everywhere; computing it fails at the first sum that is not 1. */
    private static Expr sumsToOne(String what, Expr p, int axis) {
        Expr sum = p.sumKeepDims(axis);
        Expr close = sum.sub(1).abs().le(SUM_TOLERANCE);
        return sum.require(close, Errors.sumToOne(what)).gt(0).broadcastTo(p.shape());
    }
}
