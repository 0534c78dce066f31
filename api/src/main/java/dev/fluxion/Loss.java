package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;

/**
 * Measures how far outputs are from targets. A lambda over expressions is a loss whose targets have the outputs'
 * shape.
 */
@FunctionalInterface
public interface Loss extends MultiLoss {
    /**
     * The loss.
     *
     * @param output what the model computed, batch along the first axis
     * @param target what it should have computed
     */
    Expr apply(Expr output, Expr target);

    /** The shape of the targets for an output shape. */
    default Shape targetShape(Shape output) {
        return output;
    }

    /**
     * Whether targets may have other shapes than {@link #targetShape}, such as fewer labels; {@link #apply(Expr, Expr)} then says which
     * fit, and a training has a program for each shape.
     */
    default boolean takesOtherShapes() {
        return false;
    }

    /** The element type of the targets. */
    default DType targetType() {
        return DType.FLOAT;
    }

    /**
     * The number of samples of a batch that count, the batch's weight in a mean over batches: all, unless the loss
     * ignores or weights some.
     */
    default double samples(Tensor target) {
        return target.shape().rank() == 0 ? 1 : target.shape().dim(0);
    }

    /**
     * The sum of the losses of a batch's samples. By default a loss is the mean over the samples that count.
     *
     * @param value the loss of the batch, computed by {@link #apply(Expr, Expr)}
     */
    default double sum(double value, Tensor target) {
        return sum(value, samples(target));
    }

    @Override
    @SuppressWarnings("FunctionalInterfaceMethodChanged") // the number of a lambda's arguments tells which one it is
    default Expr apply(Expr... inputs) {
        if (inputs.length != 2) {
            throw new ShapeException(Errors.twoInputs(inputs.length));
        }
        return apply(inputs[0], inputs[1]);
    }

    @Override
    default List<String> inputs() {
        return List.of("output", "target");
    }

    @Override
    default DType type(int input) {
        return input == 1 ? targetType() : DType.FLOAT;
    }
}
