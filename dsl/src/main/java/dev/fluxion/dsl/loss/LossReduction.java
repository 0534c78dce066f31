package dev.fluxion.dsl.loss;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;

/** What becomes of the losses of single elements or samples. */
public enum LossReduction {
    /** They stay as they are. */
    NONE,
    /** Their mean, a scalar; of nothing, NaN. What a loss that weighs its samples divides by, it says itself. */
    MEAN,
    /** Their sum, a scalar. */
    SUM,
    /** Their sum over the number of samples, the extent of the first axis: the mathematical mean of a divergence. */
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

    /** The sum over so many samples of a loss, from what this reduction made of theirs. */
    double sum(double value, double samples) {
        return this == SUM ? value : value * samples;
    }

    private static Expr perSample(Expr sum, Shape each) {
        return each.rank() == 0 ? sum : sum.div(each.dim(0));
    }
}
