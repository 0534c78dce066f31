package dev.fluxion.engine.store;

import dev.fluxion.Tensor;
import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.kernel.Finite;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;

/** What tensors have to be that somebody gives. */
public final class Checks {
    private Checks() {}

    /**
     * Requires a tensor of a shape.
     *
     * @throws IllegalArgumentException if its shape or element type is another
     */
    static void requireFits(String name, Shape shape, Tensor value) {
        if (!value.shape().equals(shape)) {
            throw new IllegalArgumentException(Errors.shape(name, shape, value.shape()));
        }
        if (value.dtype() != DType.FLOAT) {
            throw new IllegalArgumentException(Errors.type(name, DType.FLOAT, value.dtype()));
        }
    }

    /**
     * Refuses numbers that are not finite.
     *
     * @param what what they are, to be told
     * @throws ValueException that tells the first of them
     */
    public static void requireFinite(String what, float[] values, Shape shape) {
        if (!Finite.isFinite(values, values.length)) {
            int other = Finite.first(values);
            throw new ValueException(Errors.mustBeFinite(what, values[other], other, shape));
        }
    }
}
