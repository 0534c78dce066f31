package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An array of numbers on the heap with a shape: the input and output of programs. Elements are float32, or int32 for
 * labels and indices, in row-major order. A tensor wraps its array without a copy, so that changes of the array are
 * seen through the tensor.
 */
public final class Tensor {
    private static final String TENSOR = "Tensor";
    private static final String ELEMENTS = "the elements";

    private final Shape shape;
    private final float @Nullable [] floats;
    private final int @Nullable [] ints;

    private Tensor(Shape shape, float @Nullable [] floats, int @Nullable [] ints, int count) {
        Given.require(TENSOR, "the shape", shape);
        if (shape.size() != count) {
            throw new IllegalArgumentException(Errors.wrongCount(shape, count));
        }
        this.shape = shape;
        this.floats = floats;
        this.ints = ints;
    }

    /**
     * A float32 tensor around an array.
     *
     * @throws IllegalArgumentException if the array does not fill the shape
     */
    public static Tensor of(float[] data, int... dims) {
        return of(data, Shape.of(dims));
    }

    /** A float32 tensor around an array. */
    public static Tensor of(float[] data, Shape shape) {
        return new Tensor(shape, data, null, Given.require(TENSOR, ELEMENTS, data).length);
    }

    /** An int32 tensor around an array. */
    public static Tensor of(int[] data, Shape shape) {
        return new Tensor(shape, null, data, Given.require(TENSOR, ELEMENTS, data).length);
    }

    /** A vector of float32 numbers. */
    public static Tensor vector(float... data) {
        return of(data, Given.require(TENSOR, ELEMENTS, data).length);
    }

    /** A vector of labels. */
    public static Tensor labels(int... labels) {
        return of(labels, Shape.of(Given.require(TENSOR, ELEMENTS, labels).length));
    }

    /** A single float32 number. */
    public static Tensor scalar(float value) {
        return of(new float[] {value}, Shape.scalar());
    }

    /** Zeros. */
    public static Tensor zeros(int... dims) {
        return full(0, dims);
    }

    /** The same number everywhere. */
    public static Tensor full(float value, int... dims) {
        Shape shape = Shape.of(dims);
        float[] data = new float[shape.size()];
        Arrays.fill(data, value);
        return of(data, shape);
    }

    /** The shape. */
    public Shape shape() {
        return shape;
    }

    /** The element type. */
    public DType dtype() {
        return floats != null ? DType.FLOAT : DType.INT;
    }

    /** The number of elements. */
    public int size() {
        return shape.size();
    }

    /**
     * The float32 elements: the tensor's own array.
     *
     * @throws IllegalStateException if the tensor holds integers
     */
    public float[] floats() {
        if (floats == null) {
            throw new IllegalStateException(Errors.notFloats(shape));
        }
        return floats;
    }

    /**
     * The int32 elements: the tensor's own array.
     *
     * @throws IllegalStateException if the tensor holds floating-point numbers
     */
    public int[] ints() {
        if (ints == null) {
            throw new IllegalStateException(Errors.notInts(shape));
        }
        return ints;
    }

    /** The element at an index, one number per axis; an integer as the nearest float. {@link #ints} has it as it is. */
    public float at(int... index) {
        int[] strides = shape.strides();
        if (Given.require("at", "the index", index).length != strides.length) {
            throw new IndexOutOfBoundsException(Errors.badIndex(index, shape));
        }
        int offset = 0;
        for (int i = 0; i < index.length; i++) {
            if (index[i] < 0 || index[i] >= shape.dim(i)) {
                throw new IndexOutOfBoundsException(Errors.badIndex(index, shape));
            }
            offset += index[i] * strides[i];
        }
        return floats != null ? floats[offset] : ints()[offset];
    }

    /** The number of a tensor of one element; an integer as the nearest float. {@link #ints} has it as it is. */
    public float item() {
        if (size() != 1) {
            throw new IllegalStateException(Errors.notOneElement(shape));
        }
        return floats != null ? floats[0] : ints()[0];
    }

    /** The same elements, not copied, under another shape of as many; one extent may be −1 and follows from the others. */
    public Tensor reshape(int... dims) {
        Shape to = shape.reshaped(dims);
        return floats != null ? of(floats, to) : of(ints(), to);
    }

    /** The rows, along the first axis, from {@code from} up to but without {@code to}, copied. */
    public Tensor rows(int from, int to) {
        Given.range("rows", from, to, shape.dim(0));
        int row = shape.dim(0) == 0 ? 0 : size() / shape.dim(0);
        Shape part = shape.with(0, to - from);
        return floats != null
                ? of(Arrays.copyOfRange(floats, from * row, to * row), part)
                : of(Arrays.copyOfRange(ints(), from * row, to * row), part);
    }

    /**
     * The index of the largest element along the last axis, for each index of the others; of equals the first counts,
     * and NaN is largest.
     */
    public int[] argmax() {
        float[] data = floats();
        int length = shape.dim(-1);
        int[] best = new int[data.length / Math.max(length, 1)];
        for (int i = 0; i < data.length; i++) {
            int line = i / length;
            float largest = data[line * length + best[line]];
            if (data[i] > largest || Float.isNaN(data[i]) && !Float.isNaN(largest)) {
                best[line] = i % length;
            }
        }
        return best;
    }

    /** The elements in double precision, copied, as the interpreter takes them. */
    public Value toValue() {
        double[] data = new double[size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = floats != null ? floats[i] : ints()[i];
        }
        return new Value(shape, data);
    }

    /** An interpreter's value rounded to float32. */
    public static Tensor of(Value value) {
        float[] data = new float[Given.require(TENSOR, "the value", value).data().length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) value.data()[i];
        }
        return of(data, value.shape());
    }

    /** Whether the other object is a tensor with the same shape, element type and elements. */
    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Tensor other
                && shape.equals(other.shape)
                && Arrays.equals(floats, other.floats)
                && Arrays.equals(ints, other.ints);
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + (floats != null ? Arrays.hashCode(floats) : Arrays.hashCode(ints));
    }

    /**
     * The elements in nested brackets, the middle of long axes left out, and the shape. Numbers are written as PyTorch
     * writes them: {@code 1.} for whole ones, else with 4 decimals, or as {@code 1.0000e-05} where those shown go beyond
     * 10⁸, below 10⁻⁴, or differ by more than a factor of 1000.
     */
    @Override
    public String toString() {
        return TensorPrinter.print(this);
    }
}
