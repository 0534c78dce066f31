package dev.fluxion.dsl.loss;

import dev.fluxion.Loss;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.List;

/**
 * Cross entropy of logits N×C or N×C×d₁… (or C, of a single sample) with integer classes N or N×d₁… (or a scalar).
 * With log p the log-softmax along the classes, weights w, smoothing ε and a target t, the loss of one position is (1
 * − ε)·(−w[t]·log p[t]) + ε/C·Σ(−w[c]·log p[c]), and 0 where t is ignored. The mean divides by the sum of the weights
 * w[t] of the targets that are not ignored. A target that is neither ignored nor a class is a
 * {@link dev.fluxion.ir.ValueException} when the program runs.
 *
 * @param reduction how the losses of the positions are reduced
 * @param weights a weight per class; empty for 1 everywhere
 * @param ignoreIndex the target of positions that are ignored, even if it is a class
 * @param labelSmoothing ε in [0, 1]: the fraction of the target that is spread over all classes (Szegedy et al.,
 *     2016)
 * @param whenAllIgnored the mean if every target is ignored
 * @param callSite the file and line that made it
 */
public record CrossEntropy(
        LossReduction reduction,
        List<Double> weights,
        int ignoreIndex,
        double labelSmoothing,
        WhenAllIgnored whenAllIgnored,
        CallSite callSite)
        implements Loss {
    /** The mean if every target is ignored; the gradient is 0 in each case. */
    public enum WhenAllIgnored {
        /** NaN, as in PyTorch. */
        NAN,
        /** Zero. */
        ZERO,
        /** A {@link dev.fluxion.ir.ValueException}. */
        ERROR
    }

    /** Checks weights and smoothing. */
    public CrossEntropy {
        String place = Options.require("crossEntropy()", reduction, callSite);
        Given.require(place, "whenAllIgnored", whenAllIgnored);
        weights = Options.weights(place, "a weight", weights);
        Numbers.requireProbability(place, "labelSmoothing", labelSmoothing);
    }

    /** This loss with another reduction. */
    public CrossEntropy reduction(LossReduction other) {
        return new CrossEntropy(other, weights, ignoreIndex, labelSmoothing, whenAllIgnored, callSite);
    }

    /** This loss with a weight per class, each at least 0. */
    public CrossEntropy weights(double... perClass) {
        List<Double> list = Options.list("crossEntropy()", "the weights", perClass);
        return new CrossEntropy(reduction, list, ignoreIndex, labelSmoothing, whenAllIgnored, callSite);
    }

    /** This loss with another target for ignored positions; it need not be a class. */
    public CrossEntropy ignoreIndex(int target) {
        return new CrossEntropy(reduction, weights, target, labelSmoothing, whenAllIgnored, callSite);
    }

    /** This loss with label smoothing: a fraction of each target is spread over all classes. */
    public CrossEntropy labelSmoothing(double epsilon) {
        return new CrossEntropy(reduction, weights, ignoreIndex, epsilon, whenAllIgnored, callSite);
    }

    /** This loss with another mean if every target is ignored. */
    public CrossEntropy whenAllIgnored(WhenAllIgnored mean) {
        return new CrossEntropy(reduction, weights, ignoreIndex, labelSmoothing, mean, callSite);
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
            OutputScale.requireLogits(output, "softmax");
            options().check(output.shape(), target);
            return options().of(output.logSoftmax(Classes.axis(output.shape())), target);
        });
    }

    @Override
    public double samples(Tensor target) {
        return options().samples(target);
    }

    @Override
    public double sum(double value, Tensor target) {
        return options().sum(value, target);
    }

    @Override
    public double guess(Shape output) {
        return options().guess(output);
    }

    private ClassLoss options() {
        return new ClassLoss(reduction, weights, ignoreIndex, labelSmoothing, whenAllIgnored);
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return "crossEntropy()" + options();
    }
}
