package dev.fluxion.dsl;

import dev.fluxion.Loss;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.ShapeException;

/**
 * A loss of each element of the output and the element of the target at the same place. Shapes are equal; the mean is over
 * all elements.
 *
 * @param text the loss as the user wrote it
 * @param each the loss of single elements
 * @param reduction what becomes of them
 * @param broadcast whether shapes that differ are stretched to a common one, which is an error otherwise
 * @param source where it was written
 */
public record ElementwiseLoss(String text, Each each, Reduction reduction, boolean broadcast, Source source)
        implements Loss {
    /** The loss of single elements, as expressions. */
    @FunctionalInterface
    public interface Each {
        /** The losses of the elements of an output against those of a target. */
        Expr of(Expr output, Expr target);
    }

    /** This loss with another reduction. */
    public ElementwiseLoss reduction(Reduction other) {
        return new ElementwiseLoss(text, each, other, broadcast, source);
    }

    /** This loss with or without stretching shapes that differ; the mean is then over the stretched elements. */
    public ElementwiseLoss broadcast(boolean allowed) {
        return new ElementwiseLoss(text, each, reduction, allowed, source);
    }

    @Override
    public Expr apply(Expr output, Expr target) {
        return Applying.loss(this, source, () -> {
            requireFloat("outputs", output);
            requireFloat("targets", target);
            if (!broadcast && !output.shape().equals(target.shape())) {
                throw new ShapeException(Errors.elementwiseShapes(output.shape(), target.shape()));
            }
            return reduction.of(each.of(output, target));
        });
    }

    private static void requireFloat(String what, Expr e) {
        if (e.dtype() != DType.FLOAT) {
            throw new ShapeException(Errors.notFloating(what, e.shape()));
        }
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return text + Text.option("reduction", reduction, Reduction.MEAN) + (broadcast ? ".broadcast(true)" : "");
    }
}
