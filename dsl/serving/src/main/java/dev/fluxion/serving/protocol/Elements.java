package dev.fluxion.serving.protocol;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;

/** The numbers of an input as they come. One that the model's type does not hold is refused, never changed in silence. */
public final class Elements {
    /** Up to here, float32 holds every integer. */
    private static final long EXACT = 1L << 24;

    private static final int FEWEST = 16;

    private final Input input;
    private float[] floats;
    private int[] ints;
    private int count;

    /** Room for some numbers; it grows. */
    public Elements(Input input, int room) {
        this(input, new float[isOfIntegers(input) ? 0 : room], new int[isOfIntegers(input) ? room : 0]);
    }

    private Elements(Input input, float[] floats, int[] ints) {
        this.input = input;
        this.floats = floats;
        this.ints = ints;
    }

    /** The room of a tensor for the same input, which gets as many numbers as it has. */
    public static Elements in(Input input, Tensor tensor) {
        return isOfIntegers(input)
                ? new Elements(input, new float[0], tensor.ints())
                : new Elements(input, tensor.floats(), new int[0]);
    }

    private static boolean isOfIntegers(Input input) {
        return input.type() == DType.INT;
    }

    /** Whether the input takes integers alone. */
    public boolean takesIntegers() {
        return isOfIntegers(input);
    }

    /** How many have come. */
    public int count() {
        return count;
    }

    /** A number that may have a fraction: the nearest float32. */
    public void add(double value) {
        float rounded = (float) value;
        if (Float.isInfinite(rounded) && !Double.isInfinite(value)) {
            throw Faults.beyond(input, count, value, DataType.FP32);
        }
        addFloat(rounded);
    }

    /** A float32. */
    public void addFloat(float value) {
        if (takesIntegers()) {
            throw Faults.wantsIntegers(input);
        }
        if (count == floats.length) {
            floats = Arrays.copyOf(floats, grown());
        }
        floats[count++] = value;
    }

    /** An integer. */
    public void add(long value) {
        if (!takesIntegers()) {
            if (value < -EXACT || value > EXACT) {
                throw Faults.notExact(input, count, value);
            }
            addFloat((float) value);
            return;
        }
        if (value != (int) value) {
            throw Faults.beyond(input, count, value, DataType.INT32);
        }
        if (count == ints.length) {
            ints = Arrays.copyOf(ints, grown());
        }
        ints[count++] = (int) value;
    }

    /** An integer that must be one of a type. */
    public void add(DataType type, long value) {
        if (value < type.least() || value > type.most()) {
            throw Faults.beyond(input, count, value, type);
        }
        add(value);
    }

    /** The next number is beyond its type. */
    public Fault beyond(DataType type) {
        return Faults.beyond(input, count, "a number", type);
    }

    /** Some float32. */
    void addAll(FloatBuffer values, int number) {
        if (takesIntegers()) {
            throw Faults.wantsIntegers(input);
        }
        if (number > floats.length - count) {
            floats = Arrays.copyOf(floats, count + number);
        }
        values.get(floats, count, number);
        count += number;
    }

    /** Some integers of an input that takes them. */
    void addAll(IntBuffer values, int number) {
        if (number > ints.length - count) {
            ints = Arrays.copyOf(ints, count + number);
        }
        values.get(ints, count, number);
        count += number;
    }

    private int grown() {
        return Math.max(FEWEST, 2 * count);
    }

    /** Requires as many as a shape has. */
    public void requireCount(int... dims) {
        if (count != Shape.of(dims).size()) {
            throw Faults.wrongCount(input, dims, count);
        }
    }

    /** The tensor of a shape that has as many elements. */
    public Tensor tensor(int... dims) {
        Shape shape = Shape.of(dims);
        return takesIntegers()
                ? Tensor.of(ints.length == count ? ints : Arrays.copyOf(ints, count), shape)
                : Tensor.of(floats.length == count ? floats : Arrays.copyOf(floats, count), shape);
    }
}
