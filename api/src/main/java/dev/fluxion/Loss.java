package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;

/** A measure of how far outputs are from targets. A lambda over expressions is a loss, with targets like its outputs. */
@FunctionalInterface
public interface Loss {
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
}
