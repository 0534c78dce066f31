package dev.fluxion.ir.fn;

import dev.fluxion.ir.Expr;
import java.util.function.BinaryOperator;

/** Results of all elements along an axis up to each, in log₂ n steps of the whole tensor. */
public final class Scans {
    private Scans() {}

    /** The sums of the elements along an axis, each with those before it. */
    public static Expr cumSum(Expr x, int axis) {
        return scan("cumSum", x, axis, 0, Expr::add);
    }

    /** The products of the elements along an axis, each with those before it. Their gradient is exact where elements are 0. */
    public static Expr cumProd(Expr x, int axis) {
        return scan("cumProd", x, axis, 1, Expr::mul);
    }

    private static Expr scan(String name, Expr x, int axis, double neutral, BinaryOperator<Expr> combined) {
        int extent = Axes.given(name, x).shape().dim(axis);
        Expr all = x;
        for (int step = 1; step < extent; step *= 2) {
            all = combined.apply(all, all.slice(axis, 0, extent - step).pad(axis, step, 0, neutral));
        }
        return all;
    }
}
