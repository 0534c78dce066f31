package dev.fluxion.ir;

import java.util.Arrays;

/**
 * A tensor in double precision, as the interpreter computes it.
 *
 * @param shape its shape
 * @param data its elements, row-major; the array is not copied
 */
@SuppressWarnings("ArrayRecordComponent")
public record Value(Shape shape, double[] data) {
    /** Checks that the elements fill the shape. */
    public Value {
        Given.require("Value", "the shape", shape);
        Given.require("Value", "the elements", data);
        if (data.length != shape.size()) {
            throw new ShapeException(Errors.wrongCount(shape, data.length));
        }
    }

    /** A single number. */
    public static Value scalar(double value) {
        return new Value(Shape.scalar(), new double[] {value});
    }

    /** The single number of a value of one element. */
    public double item() {
        if (data.length != 1) {
            throw new ShapeException(Errors.notOneElement(shape));
        }
        return data[0];
    }

    /** Whether shape and elements are equal. */
    @Override
    public boolean equals(Object o) {
        return o instanceof Value other && shape.equals(other.shape) && Arrays.equals(data, other.data);
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return shape + " " + Arrays.toString(data);
    }
}
