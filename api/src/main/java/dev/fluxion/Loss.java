package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;

/** A measure of how far outputs are from targets. A lambda over expressions is a loss, with targets like its outputs. */
@FunctionalInterface
public interface Loss extends MultiLoss {
    /**
     * The loss.
     *
     * @param output what the model computed, batch along the first axis
     * @param target what it should have computed
     */
    Expr apply(Expr output, Expr target);

    /** The shape of the targets that belong to outputs of a shape. */
    default Shape targetShape(Shape output) {
        return output;
    }

    /** The element type of the targets. */
    default DType targetType() {
        return DType.FLOAT;
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
