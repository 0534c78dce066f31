package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import java.util.List;

/**
 * A loss of any number of inputs, such as a triplet's anchor, positive and negative; {@link Loss} has an output and a
 * target. A lambda over expressions is a loss: {@code in -> in[0].sub(in[1]).abs().mul(in[2]).sum()}.
 */
@FunctionalInterface
public interface MultiLoss {
    /**
     * The loss.
     *
     * @throws dev.fluxion.ir.ShapeException if the inputs do not fit, in number, shape or element type
     */
    Expr apply(Expr... inputs);

    /** The names of the inputs, optional ones last; empty if they have none. */
    default List<String> inputs() {
        return List.of();
    }

    /** The element type of an input, counted from 0. */
    default DType type(int input) {
        return DType.FLOAT;
    }
}
