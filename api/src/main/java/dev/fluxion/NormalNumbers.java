package dev.fluxion;

import dev.fluxion.ir.Expr;

/** Normal numbers, of mean 0 and deviation 1, from two uniform ones each (Box and Muller, 1958). */
final class NormalNumbers {
    private NormalNumbers() {}

    /** As many as there are of both, which are uniform in [0, 1) and independent. */
    static Expr of(Expr radius, Expr angle) {
        // 1 − u is in (0, 1]: its logarithm is finite.
        return radius.neg().log1p().mul(-2).sqrt().mul(angle.mul(2 * Math.PI).cos());
    }
}
