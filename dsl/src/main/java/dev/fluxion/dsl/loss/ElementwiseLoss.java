package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;

/**
 * A loss of each element of the output and the corresponding element of the target. Shapes are equal; the mean is
 * over all elements. An optional third input holds weights, which broadcast to the elements and multiply their
 * losses.
 *
 * @param formula the loss of single elements
 * @param reduction how the losses of the elements are reduced
 * @param broadcast whether shapes that differ are broadcast; otherwise they are an error
 * @param strict whether targets that the loss is not defined for are an error instead of giving a number
 * @param callSite the file and line that made it
 */
public record ElementwiseLoss(
        Formula formula, LossReduction reduction, boolean broadcast, boolean strict, CallSite callSite)
        implements Reduced.Single {
    private static final List<String> INPUTS = List.of("output", "target", "weight");

    /** The loss of single elements, as expressions. */
    @FunctionalInterface
    public interface Each {
        /** The losses of the elements of an output against those of a target. */
        Expr of(Expr output, Expr target);
    }

    /**
     * A loss of single elements.
     *
     * @param text the loss as the user wrote it
     * @param each the losses of the elements
     * @param strictTarget checks the target of a strict loss
     * @param weightedMean whether the mean divides by the sum of the weights and not by the number of elements
     */
    public record Formula(String text, Each each, Each strictTarget, boolean weightedMean) {
        /** Checks that nothing is null. */
        public Formula {
            Given.require("elementwise", "the text", text);
            Given.require(text, "the formula", each);
            Given.require(text, "the check of targets", strictTarget);
        }

        /** A loss of single elements for any target. */
        public Formula(String text, Each each) {
            this(text, each, (output, target) -> target, false);
        }

        Formula strict(Each target) {
            return new Formula(text, each, target, weightedMean);
        }

        Formula withWeightedMean() {
            return new Formula(text, each, strictTarget, true);
        }

        ElementwiseLoss reduced(LossReduction reduction, boolean strict, CallSite callSite) {
            return new ElementwiseLoss(this, reduction, false, strict, callSite);
        }
    }

    /** Checks that nothing is null. */
    public ElementwiseLoss {
        Options.require(Given.require("elementwise", "the formula", formula).text, reduction, callSite);
    }

    /** This loss with another reduction. */
    public ElementwiseLoss reduction(LossReduction other) {
        return new ElementwiseLoss(formula, other, broadcast, strict, callSite);
    }

    /** This loss with or without broadcasting; the mean is then over the broadcast elements. */
    public ElementwiseLoss broadcast(boolean allowed) {
        return new ElementwiseLoss(formula, reduction, allowed, strict, callSite);
    }

    /** This loss with or without an error for targets that it is not defined for. */
    public ElementwiseLoss strict(boolean on) {
        return new ElementwiseLoss(formula, reduction, broadcast, on, callSite);
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public boolean takesOtherShapes() {
        return broadcast;
    }

    @Override
    public Expr apply(Expr output, Expr target) {
        return LossCalls.loss(this, callSite, () -> reduction.of(each(output, target)));
    }

    @Override
    public Expr apply(Expr... inputs) {
        return LossCalls.loss(this, callSite, () -> {
            Targets.requireCount(INPUTS, 2, inputs.length);
            Expr each = each(inputs[0], inputs[1]);
            return inputs.length == 2 ? reduction.of(each) : weighted(each, inputs[2]);
        });
    }

    private Expr each(Expr output, Expr target) {
        Targets.requireFloat("outputs", output);
        Targets.requireFloat("targets", target);
        if (!broadcast && !output.shape().equals(target.shape())) {
            throw new ShapeException(Errors.elementwiseShapes(output.shape(), target.shape()));
        }
        Expr checked = strict ? formula.strictTarget.of(output, target) : target;
        Shape expected = Shape.broadcast(output.shape(), target.shape());
        Expr each = Checks.expression(this, formula.each.of(output, checked));
        if (!each.shape().equals(expected)) {
            throw new ShapeException(Errors.notElementwise(expected, each.shape()));
        }
        return each;
    }

    private Expr weighted(Expr each, Expr weight) {
        Targets.requireFloat("weights", weight);
        if (!Targets.stretches(weight.shape(), each.shape())) {
            throw new ShapeException(Errors.inputShape("weight", each.shape(), weight.shape()));
        }
        Expr weighted = each.mul(weight);
        return formula.weightedMean
                ? reduction.of(weighted, weight.broadcastTo(each.shape()).sum())
                : reduction.of(weighted);
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return formula.text
                + Text.option("reduction", reduction, LossReduction.MEAN)
                + (broadcast ? ".broadcast(true)" : "")
                + Text.strict(strict);
    }
}
