package dev.fluxion.engine;

import dev.fluxion.Tensor;
import dev.fluxion.engine.kernel.Finite;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** An input or output of a program with its memory, and what may go in and out. */
final class Port {
    /** Integers up to here are exact in float32, in which elementwise kernels compute. */
    private static final int MOST = 1 << 24;

    final String name;
    final Shape shape;
    final DType type;
    final FloatBuffer floats;
    final IntBuffer ints;
    boolean written;

    Port(String name, Expr e, Slice slice) {
        this.name = name;
        this.shape = e.shape();
        this.type = e.dtype();
        this.floats = slice.floats();
        this.ints = slice.ints();
    }

    void require(DType actual, int count) {
        if (type != actual) {
            throw new IllegalArgumentException(Errors.type(name, type, actual));
        }
        if (count != shape.size()) {
            throw new IllegalArgumentException(Errors.count(name, shape.size(), count));
        }
    }

    void requireFinite(float[] values) {
        if (!Finite.isFinite(values, values.length)) {
            int i = 0;
            while (Float.isFinite(values[i])) {
                i++;
            }
            throw new ValueException(Errors.notFinite(name, values[i], i, shape));
        }
    }

    void requireExact(int[] values) {
        for (int i = 0; i < values.length; i++) {
            if (Math.abs((long) values[i]) > MOST) {
                throw new ValueException(Errors.tooLarge(name, values[i], i, shape, MOST));
            }
        }
    }

    Tensor copy() {
        if (type == DType.INT) {
            int[] values = new int[shape.size()];
            ints.get(0, values);
            return Tensor.of(values, shape);
        }
        float[] values = new float[shape.size()];
        floats.get(0, values);
        return Tensor.of(values, shape);
    }
}
