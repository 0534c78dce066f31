package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.ir.Expr;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Binary cross entropy of logits x with targets y in [0, 1] of the same shape: −p·y·log σ(x) − (1−y)·log σ(−x), where
 * p weighs the positive side of each column. Both logarithms are softplus, so that the value and both tails of the
 * gradient are exact at any finite logit. The mean is over all elements. Without {@code strict}, targets outside [0,
 * 1] are taken as they are, as PyTorch does. A third input weighs the elements.
 *
 * @param posWeight p, one number for all or one for each index of the last axis; empty for 1
 * @param reduction how the losses of the elements are reduced
 * @param strict whether a target outside [0, 1] is an error
 * @param callSite the file and line that made it
 */
public record BceWithLogits(List<Double> posWeight, LossReduction reduction, boolean strict, CallSite callSite)
        implements Reduced.Single {
    private static final Logger LOG = LoggerFactory.getLogger(BceWithLogits.class);

    /** Copies the weights. */
    public BceWithLogits {
        String place = Options.require("bceWithLogits()", reduction, callSite);
        posWeight = Options.weights(place, "posWeight", posWeight);
    }

    /** This loss with other weights of the positive side, one number or one for each index of the last axis. */
    public BceWithLogits posWeight(double... p) {
        return new BceWithLogits(Options.list("bceWithLogits()", "posWeight", p), reduction, strict, callSite);
    }

    /** This loss with another reduction. */
    public BceWithLogits reduction(LossReduction other) {
        return new BceWithLogits(posWeight, other, strict, callSite);
    }

    /** This loss with or without an error for targets outside [0, 1]. */
    public BceWithLogits strict(boolean on) {
        return new BceWithLogits(posWeight, reduction, on, callSite);
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
        return new ElementwiseLoss.Formula(text(), this::each)
                .strict((x, y) -> Targets.fractions("target", y))
                .reduced(reduction, strict, callSite);
    }

    private Expr each(Expr x, Expr y) {
        Classes.expectLogits(LOG, this, callSite, x, "sigmoid");
        Expr positive = posWeight.isEmpty() ? y : y.mul(Classes.vector(posWeight));
        return Formulas.logistic(x, positive, y.neg().add(1));
    }

    private String text() {
        return "bceWithLogits()" + Classes.text("posWeight", posWeight);
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return elementwise().toString();
    }
}
