package dev.fluxion.dsl.loss;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;

/** How a loss reduces the losses of single elements or samples. */
public enum LossReduction {
    /** No reduction. */
    NONE,
    /** Their mean, a scalar; NaN if there are none. A loss with weights documents its divisor. */
    MEAN,
    /** Their sum, a scalar. */
    SUM,
    /**
     * Their sum divided by the number of samples, the extent of the first axis: the mean of a divergence in
     * mathematics.
     */
    BATCH_MEAN;

    Expr of(Expr each) {
        return switch (this) {
            case NONE -> each;
            case MEAN -> each.mean();
            case SUM -> each.sum();
            case BATCH_MEAN -> perSample(each.sum(), each.shape());
        };
    }

    /** The reduction with a divisor of its own for the mean. */
    Expr of(Expr each, Expr divisor) {
        return this == MEAN ? each.sum().div(divisor) : of(each);
    }

    /** The sum of the losses of a number of samples, from their reduced loss. */
    double sum(double value, double samples) {
        return this == SUM ? value : value * samples;
    }

    private static Expr perSample(Expr sum, Shape each) {
        return each.rank() == 0 ? sum : sum.div(each.dim(0));
    }
}
