package dev.fluxion.dsl.loss;

import dev.fluxion.Loss;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.List;

/**
 * Minus the logarithm of the probability of the target's class: −w[t]·x[t] for outputs x that are logarithms of
 * probabilities, N×C or N×C×d₁… (or C, of a single sample), and integer classes t, N or N×d₁… (or a scalar); 0 where
 * t is ignored. {@link CrossEntropy} is this loss after logSoftmax. The mean divides by the sum of the weights w[t]
 * of the targets that are not ignored. A target that is neither ignored nor a class is a
 * {@link dev.fluxion.ir.ValueException} when the program runs.
 *
 * @param reduction how the losses of the positions are reduced
 * @param weights a weight per class; empty for 1 everywhere
 * @param ignoreIndex the target of positions that are ignored, even if it is a class
 * @param whenAllIgnored the mean if every target is ignored
 * @param callSite the file and line that made it
 */
public record Nll(
        LossReduction reduction,
        List<Double> weights,
        int ignoreIndex,
        CrossEntropy.WhenAllIgnored whenAllIgnored,
        CallSite callSite)
        implements Loss {
    /** Checks the weights. */
    public Nll {
        String place = Options.require("nll()", reduction, callSite);
        Given.require(place, "whenAllIgnored", whenAllIgnored);
        weights = Options.weights(place, "a weight", weights);
    }

    /** This loss with another reduction. */
    public Nll reduction(LossReduction other) {
        return new Nll(other, weights, ignoreIndex, whenAllIgnored, callSite);
    }

    /** This loss with a weight per class, each at least 0. */
    public Nll weights(double... perClass) {
        List<Double> list = Options.list("nll()", "the weights", perClass);
        return new Nll(reduction, list, ignoreIndex, whenAllIgnored, callSite);
    }

    /** This loss with another target for ignored positions; it need not be a class. */
    public Nll ignoreIndex(int target) {
        return new Nll(reduction, weights, target, whenAllIgnored, callSite);
    }

    /** This loss with another mean if every target is ignored. */
    public Nll whenAllIgnored(CrossEntropy.WhenAllIgnored mean) {
        return new Nll(reduction, weights, ignoreIndex, mean, callSite);
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
            options().check(output.shape(), target);
            OutputScale.requireLogarithms(output, "apply logSoftmax() before, or use crossEntropy() for logits");
            return options().of(output, target);
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
        return new ClassLoss(reduction, weights, ignoreIndex, 0, whenAllIgnored);
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return "nll()" + options();
    }
}
