package dev.fluxion.dsl;

import dev.fluxion.ir.Expr;

/** What becomes of the losses of single elements or samples. */
public enum Reduction {
    /** They stay as they are. */
    NONE,
    /** Their mean, a scalar; of nothing, NaN. */
    MEAN,
    /** Their sum, a scalar. */
    SUM;

    Expr of(Expr each) {
        return switch (this) {
            case NONE -> each;
            case MEAN -> each.mean();
            case SUM -> each.sum();
        };
    }
}
