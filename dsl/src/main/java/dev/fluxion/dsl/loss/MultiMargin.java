package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.List;

/**
 * The multi-class hinge loss (Crammer and Singer, 2001) of outputs x, N×C (or C, of a single sample), and integer
 * classes y, N (or a scalar): (1/C)·Σ over i ≠ y of w[y]·max(0, m − x[y] + x[i])^p for each sample; its derivative at
 * the kink is 0. The mean is over the samples, whatever the weights.
 *
 * @param p the exponent, 1 or 2
 * @param margin m
 * @param weights a weight per class; empty for 1 everywhere
 * @param reduction how the losses of the samples are reduced
 * @param callSite the file and line that made it
 */
public record MultiMargin(int p, double margin, List<Double> weights, LossReduction reduction, CallSite callSite)
        implements Reduced.Single {
    /** Checks the numbers. */
    public MultiMargin {
        String place = Options.require("multiMargin()", reduction, callSite);
        weights = Options.weights(place, "a weight", weights);
        Numbers.requireFinite(place, "margin", margin);
        Numbers.require(p == 1 || p == 2, place, "p", "1 or 2", p);
    }

    /** This loss with exponent 1 or 2. */
    public MultiMargin p(int exponent) {
        return new MultiMargin(exponent, margin, weights, reduction, callSite);
    }

    /** This loss with another margin. */
    public MultiMargin margin(double m) {
        return new MultiMargin(p, m, weights, reduction, callSite);
    }

    /** This loss with a weight per class, each at least 0. */
    public MultiMargin weights(double... perClass) {
        return new MultiMargin(p, margin, Options.list("multiMargin()", "the weights", perClass), reduction, callSite);
    }

    /** This loss with another reduction. */
    public MultiMargin reduction(LossReduction other) {
        return new MultiMargin(p, margin, weights, other, callSite);
    }

    @Override
    public Shape targetShape(Shape output) {
        return output.without(Classes.axis(output));
    }

    @Override
    public DType targetType() {
        return DType.INT;
    }

    @Override
    public Expr apply(Expr output, Expr target) {
        return LossCalls.loss(this, callSite, () -> {
            Shape rows = Classes.requireRows(output.shape());
            Targets.requireIntegers("classes", targetShape(output.shape()), target);
            Classes.requireWeightCount(output.shape(), weights);
            Expr y = Targets.classes(target, 0, rows.dim(1)).reshape(rows.with(1, 1));
            return reduction.of(each(output.reshape(rows), y).reshape(target.shape()));
        });
    }

    /** The losses of rows N×C with classes N×1. */
    private Expr each(Expr x, Expr y) {
        int classes = x.shape().dim(1);
        Expr others = Expr.iota(classes).reshape(1, classes).ne(y);
        Expr shortfall = x.sub(x.gather(1, y)).add(margin).relu();
        Expr powers = p == 1 ? shortfall : shortfall.square();
        Expr sums = Formulas.only(others, powers).sum(1).mul(1.0 / classes);
        return weights.isEmpty() ? sums : sums.mul(Classes.vector(weights).gather(0, y.reshape(sums.shape())));
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return "multiMargin()"
                + Text.option("p", p, 1)
                + Text.option("margin", margin, 1)
                + Classes.text(weights)
                + Text.option("reduction", reduction, LossReduction.MEAN);
    }
}
