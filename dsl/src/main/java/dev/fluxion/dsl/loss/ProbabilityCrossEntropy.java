package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;

/**
 * Cross entropy of logits N×C or N×C×d₁… (or C, of a single sample) with targets of the same shape that hold a
 * probability per class. With log p the log-softmax along the classes, weights w and q' = q·(1 − ε) + ε/C, the loss
 * of one position is Σ(−w[c]·q'[c]·log p[c]). The mean divides by the number of positions, whatever the weights, so
 * that with weights it is not the mean of {@link CrossEntropy} for one-hot targets; PyTorch does the same. That
 * targets are probabilities is only checked with {@code strict}.
 *
 * @param reduction how the losses of the positions are reduced
 * @param weights a weight per class; empty for 1 everywhere
 * @param labelSmoothing ε in [0, 1]: the fraction of the target that is spread over all classes
 * @param strict whether targets that are not probabilities which sum to 1 are an error
 * @param callSite the file and line that made it
 */
public record ProbabilityCrossEntropy(
        LossReduction reduction, List<Double> weights, double labelSmoothing, boolean strict, CallSite callSite)
        implements Reduced.Single {
    private static final String TEXT = "crossEntropyWithProbabilities()";

    /** Checks weights and smoothing. */
    public ProbabilityCrossEntropy {
        String place = Options.require(TEXT, reduction, callSite);
        weights = Options.weights(place, "a weight", weights);
        Numbers.requireProbability(place, "labelSmoothing", labelSmoothing);
    }

    /** This loss with another reduction. */
    public ProbabilityCrossEntropy reduction(LossReduction other) {
        return new ProbabilityCrossEntropy(other, weights, labelSmoothing, strict, callSite);
    }

    /** This loss with a weight per class, each at least 0. */
    public ProbabilityCrossEntropy weights(double... perClass) {
        List<Double> list = Options.list(TEXT, "the weights", perClass);
        return new ProbabilityCrossEntropy(reduction, list, labelSmoothing, strict, callSite);
    }

    /** This loss with label smoothing: a fraction of each target is spread over all classes. */
    public ProbabilityCrossEntropy labelSmoothing(double epsilon) {
        return new ProbabilityCrossEntropy(reduction, weights, epsilon, strict, callSite);
    }

    /** This loss with or without an error for targets that are not probabilities which sum to 1 over the classes. */
    public ProbabilityCrossEntropy strict(boolean on) {
        return new ProbabilityCrossEntropy(reduction, weights, labelSmoothing, on, callSite);
    }

    @Override
    public Expr apply(Expr output, Expr target) {
        return LossCalls.loss(this, callSite, () -> {
            OutputScale.requireLogits(output, "softmax");
            int axis = Classes.axis(output.shape());
            if (target.dtype() != DType.FLOAT || !target.shape().equals(output.shape())) {
                throw new ShapeException(Errors.probabilityTargets(output.shape(), target.shape()));
            }
            Classes.requireWeightCount(output.shape(), weights);
            double share = labelSmoothing / output.shape().dim(axis);
            Expr given = strict ? Targets.distributions("target", target, axis) : target;
            Expr q = labelSmoothing == 0 ? given : given.mul(1 - labelSmoothing).add(share);
            Expr logs = Classes.weighted(output.logSoftmax(axis), weights, axis);
            return reduction.of(q.mul(logs).sum(axis).neg());
        });
    }

    @Override
    public double guess(Shape output) {
        return reduction == LossReduction.MEAN && weights.isEmpty()
                ? Math.log(output.dim(Classes.axis(output)))
                : Double.NaN;
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return TEXT
                + Text.option("reduction", reduction, LossReduction.MEAN)
                + Classes.text(weights)
                + Text.option("labelSmoothing", labelSmoothing, 0)
                + Text.strict(strict);
    }
}
