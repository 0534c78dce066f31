package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;

/**
 * Binary cross entropy of logits x with targets y in [0, 1] of the same shape …×C, averaged over the classes along
 * the last axis: −(1/C)·Σ w[c]·(y·log σ(x) + (1−y)·log σ(−x)) for each sample, stable as {@link BceWithLogits}. The
 * mean is over the samples, whatever the weights.
 *
 * @param weights a weight per class; empty for 1 everywhere
 * @param reduction how the losses of the samples are reduced
 * @param strict whether a target outside [0, 1] is an error
 * @param callSite the file and line that made it
 */
public record MultiLabelSoftMargin(List<Double> weights, LossReduction reduction, boolean strict, CallSite callSite)
        implements Reduced.Single {
    /** Checks the weights. */
    public MultiLabelSoftMargin {
        String place = Options.require("multiLabelSoftMargin()", reduction, callSite);
        weights = Options.weights(place, "a weight", weights);
    }

    /** This loss with a weight per class, each at least 0. */
    public MultiLabelSoftMargin weights(double... perClass) {
        return new MultiLabelSoftMargin(
                Options.list("multiLabelSoftMargin()", "the weights", perClass), reduction, strict, callSite);
    }

    /** This loss with another reduction. */
    public MultiLabelSoftMargin reduction(LossReduction other) {
        return new MultiLabelSoftMargin(weights, other, strict, callSite);
    }

    /** This loss with or without an error for targets outside [0, 1]. */
    public MultiLabelSoftMargin strict(boolean on) {
        return new MultiLabelSoftMargin(weights, reduction, on, callSite);
    }

    @Override
    public Expr apply(Expr output, Expr target) {
        return LossCalls.loss(this, callSite, () -> {
            OutputScale.requireLogits(output, "sigmoid");
            Shape shape = output.shape();
            if (shape.rank() == 0) {
                throw new ShapeException(Errors.noClasses(shape));
            }
            Targets.requireFloat("targets", target);
            Targets.requireShape("targets", shape, target);
            int classes = shape.dim(-1);
            if (!weights.isEmpty() && weights.size() != classes) {
                throw new ShapeException(Errors.weightCount(classes, weights.size()));
            }
            Expr y = strict ? Targets.fractions("target", target) : target;
            Expr each = Formulas.logistic(output, y, y.neg().add(1));
            return reduction.of(
                    Classes.weighted(each, weights, shape.rank() - 1).mean(-1));
        });
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return "multiLabelSoftMargin()"
                + Classes.text(weights)
                + Text.option("reduction", reduction, LossReduction.MEAN)
                + Text.strict(strict);
    }
}
