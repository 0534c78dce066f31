package dev.fluxion.dsl.loss;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;

/**
 * Binary cross entropy of logits x with targets y in [0, 1] of the same shape: −p·y·log σ(x) − (1−y)·log σ(−x), where
 * p weighs the positive side of each column, or of what else it broadcasts to. Both logarithms are softplus, so that the value and both tails of the
 * gradient are exact at any finite logit. The mean is over all elements. Without {@code strict}, targets outside [0,
 * 1] are taken as they are, as PyTorch does. A third input weighs the elements.
 *
 * @param posWeight p, row-major; empty for 1
 * @param extents the shape of p, which broadcasts to that of the outputs
 * @param reduction how the losses of the elements are reduced
 * @param strict whether a target outside [0, 1] is an error
 * @param callSite the file and line that made it
 */
public record BceWithLogits(
        List<Double> posWeight, Shape extents, LossReduction reduction, boolean strict, CallSite callSite)
        implements Reduced.Single {
    /** Copies the weights. */
    public BceWithLogits {
        String place = Options.require("bceWithLogits()", reduction, callSite);
        posWeight = Options.weights(place, "posWeight", posWeight);
        if (Given.require(place, "the extents", extents).size() != posWeight.size()) {
            throw new IllegalArgumentException(Errors.weightsOfShape(place, posWeight.size(), extents));
        }
    }

    /** This loss with other weights of the positive side, one number or one for each index of the last axis. */
    public BceWithLogits posWeight(double... p) {
        List<Double> weights = Options.list("bceWithLogits()", "posWeight", p);
        return new BceWithLogits(weights, Shape.of(p.length), reduction, strict, callSite);
    }

    /**
     * This loss with weights of the positive side that broadcast to the outputs from the last axis on, as C×1×1 does for each channel of
     * images N×C×H×W.
     */
    public BceWithLogits posWeight(Tensor p) {
        double[] weights =
                Given.require("bceWithLogits()", "posWeight", p).toValue().data();
        return new BceWithLogits(
                Options.list("bceWithLogits()", "posWeight", weights), p.shape(), reduction, strict, callSite);
    }

    /** This loss with another reduction. */
    public BceWithLogits reduction(LossReduction other) {
        return new BceWithLogits(posWeight, extents, other, strict, callSite);
    }

    /** This loss with or without an error for targets outside [0, 1]. */
    public BceWithLogits strict(boolean on) {
        return new BceWithLogits(posWeight, extents, reduction, on, callSite);
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
        OutputScale.requireLogits(x, "sigmoid");
        Expr positive = posWeight.isEmpty() ? y : y.mul(weights(x.shape()));
        return Formulas.logistic(x, positive, y.neg().add(1));
    }

    private Expr weights(Shape outputs) {
        if (posWeight.size() > 1 && !Targets.stretches(extents, outputs)) {
            throw new ShapeException(Errors.posWeight(extents, outputs));
        }
        return posWeight.size() == 1
                ? Expr.constant(posWeight.get(0))
                : Classes.vector(posWeight).reshape(extents);
    }

    private String text() {
        return "bceWithLogits()"
                + (extents.rank() == 1 ? Classes.text("posWeight", posWeight) : ".posWeight(" + extents + ")");
    }

    @Override
    public double guess(Shape output) {
        return reduction == LossReduction.MEAN && posWeight.isEmpty() ? Math.log(2) : Double.NaN;
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return elementwise().toString();
    }
}
