package dev.fluxion.serving.http;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;

/** The numbers of an input as they come. One that the model's type does not hold is refused, never changed in silence. */
final class Elements {
    /** Up to here, float32 holds every integer. */
    private static final long EXACT = 1L << 24;

    private static final int FEWEST = 16;

    private final Input input;
    private float[] floats;
    private int[] ints;
    private int count;

    /** Room for some numbers; it grows. */
    Elements(Input input, int room) {
        this.input = input;
        this.floats = new float[takesIntegers() ? 0 : room];
        this.ints = new int[takesIntegers() ? room : 0];
    }

    boolean takesIntegers() {
        return input.type() == DType.INT;
    }

    int count() {
        return count;
    }

    /** A number that may have a fraction: the nearest float32. */
    void add(double value) {
        float rounded = (float) value;
        if (Float.isInfinite(rounded) && !Double.isInfinite(value)) {
            throw Errors.beyond(input, count, value);
        }
        addFloat(rounded);
    }

    /** A float32. */
    void addFloat(float value) {
        if (takesIntegers()) {
            throw Errors.wantsIntegers(input);
        }
        if (count == floats.length) {
            floats = Arrays.copyOf(floats, grown());
        }
        floats[count++] = value;
    }

    /** An integer. */
    void add(long value) {
        if (!takesIntegers()) {
            if (value < -EXACT || value > EXACT) {
                throw Errors.notExact(input, count, value);
            }
            addFloat((float) value);
            return;
        }
        if (value != (int) value) {
            throw Errors.beyondInt(input, count, value);
        }
        if (count == ints.length) {
            ints = Arrays.copyOf(ints, grown());
        }
        ints[count++] = (int) value;
    }

    /** All numbers, which there is room for. */
    void addAll(FloatBuffer values, int number) {
        if (takesIntegers()) {
            throw Errors.wantsIntegers(input);
        }
        values.get(floats, count, number);
        count += number;
    }

    /** All integers, which there is room for. */
    void addAll(IntBuffer values, int number) {
        values.get(ints, count, number);
        count += number;
    }

    private int grown() {
        return Math.max(FEWEST, 2 * count);
    }

    /** The tensor of a shape that has as many elements. */
    Tensor tensor(int... dims) {
        Shape shape = Shape.of(dims);
        return takesIntegers()
                ? Tensor.of(ints.length == count ? ints : Arrays.copyOf(ints, count), shape)
                : Tensor.of(floats.length == count ? floats : Arrays.copyOf(floats, count), shape);
    }
}
