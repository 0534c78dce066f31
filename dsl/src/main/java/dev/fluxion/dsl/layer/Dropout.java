package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.ir.Expr;

/** Sets elements to 0 at random (Srivastava et al., "Dropout", 2014). */
final class Dropout {
    private Dropout() {}

    /** In training, each element is 0 with probability p, and the others are divided by 1 − p. */
    static Expr of(Scope scope, Expr x, double p) {
        float threshold = (float) p; // as an engine in float32 compares, so that all draw the same elements
        return scope.training() && p > 0
                ? x.mul(scope.uniform(x.shape()).ge(threshold).mul(1 / (1 - p)))
                : x;
    }
}
