package dev.fluxion.engine.graph;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import java.util.Optional;

/** Values with one number for each channel, or column, of the result of a convolution or product. */
public final class PerChannel {
    private PerChannel() {}

    /** What an operand repeats along all axes of a result but the second, if that is what it does. */
    public static Optional<Expr> of(Expr operand, Shape result) {
        return operand.op() instanceof Movement.Broadcast && is(operand.input(0).shape(), result)
                ? Optional.of(operand.input(0))
                : Optional.empty();
    }

    /** Whether a shape that broadcasts to N×C×H×W or N×C has one number per channel C. */
    public static boolean is(Shape shape, Shape result) {
        int axis = 1 - result.rank();
        return shape.rank() >= -axis && shape.dim(axis) == result.dim(1) && shape.size() == result.dim(1);
    }
}
