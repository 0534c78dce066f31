package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import java.util.List;

/**
 * Focal loss of logits x with targets y, 0 or 1, of the same shape (Lin et al., 2017): the binary cross entropy times
 * α(1−p)^γ, p being the probability of what is right and α that of the positive side, 1−α the negative one. With
 * log(1−σ(x)) = −softplus(x) it is y·α·e^(−γ·softplus(x))·softplus(−x) + (1−y)·(1−α)·e^(−γ·softplus(−x))·softplus(x).
 * The mean is over all elements. A target between 0 and 1 mixes both sides.
 *
 * @param gamma γ ≥ 0: the larger, the less weight have elements that are already right; 2 in the paper
 * @param alpha α in [0, 1]; 0.25 in the paper
 * @param reduction how the losses of the elements are reduced
 * @param strict whether a target that is neither 0 nor 1 is an error
 * @param callSite the file and line that made it
 */
public record Focal(double gamma, double alpha, LossReduction reduction, boolean strict, CallSite callSite)
        implements Reduced.Single {
    /** Checks the numbers. */
    public Focal {
        String place = Options.require("focal()", reduction, callSite);
        Numbers.requireNotNegative(place, "gamma", gamma);
        Numbers.requireProbability(place, "alpha", alpha);
    }

    /** This loss with another γ. */
    public Focal gamma(double exponent) {
        return new Focal(exponent, alpha, reduction, strict, callSite);
    }

    /** This loss with another weight α of the positive side. */
    public Focal alpha(double positive) {
        return new Focal(gamma, positive, reduction, strict, callSite);
    }

    /** This loss with another reduction. */
    public Focal reduction(LossReduction other) {
        return new Focal(gamma, alpha, other, strict, callSite);
    }

    /** This loss with or without an error for targets that are neither 0 nor 1. */
    public Focal strict(boolean on) {
        return new Focal(gamma, alpha, reduction, on, callSite);
    }

    @Override
    public List<String> inputs() {
        return elementwise().inputs();
    }

    @Override
    public Expr apply(Expr output, Expr target) {
        return elementwise().apply(output, target);
    }

    @Override
    public Expr apply(Expr... inputs) {
        return elementwise().apply(inputs);
    }

    private ElementwiseLoss elementwise() {
        String text = "focal()" + Text.option("gamma", gamma, 2) + Text.option("alpha", alpha, 0.25);
        return new ElementwiseLoss.Formula(text, this::each)
                .strict((x, y) -> Targets.bits(y))
                .reduced(reduction, strict, callSite);
    }

    private Expr each(Expr x, Expr y) {
        OutputScale.requireLogits(x, "sigmoid");
        Expr positive = y.mul(alpha).mul(x.softplus().mul(-gamma).exp());
        Expr negative =
                y.neg().add(1).mul(1 - alpha).mul(x.neg().softplus().mul(-gamma).exp());
        return Formulas.logistic(x, positive, negative);
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return elementwise().toString();
    }
}
