package dev.fluxion.ir;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The extents of a tensor, outermost first; a scalar has rank 0 and size 1. Extents may be 0 (an empty tensor) but never
 * negative. A shape holds at most 2³¹−1 elements; an empty one would with its extents of 0 left out.
 */
public final class Shape {
    private static final Shape SCALAR = new Shape(new int[0], 1);

    private final int[] dims;
    private final int size;

    private Shape(int[] dims, int size) {
        this.dims = dims;
        this.size = size;
    }

    /**
     * A shape of the given extents.
     *
     * @throws ShapeException if an extent is negative or the number of elements exceeds 2³¹−1
     */
    public static Shape of(int... dims) {
        if (Given.require("Shape", "the extents", dims).length == 0) {
            return SCALAR;
        }
        long size = 1;
        for (int d : dims) {
            if (d < 0) {
                throw new ShapeException(Errors.negativeExtent(dims));
            }
            size = Math.min(size * d, 1L << 31);
        }
        if (size > Integer.MAX_VALUE) {
            throw new ShapeException(Errors.tooManyElements(dims));
        }
        return new Shape(dims.clone(), (int) size);
    }

    /** The shape of a single number. */
    public static Shape scalar() {
        return SCALAR;
    }

    /** The number of axes. */
    public int rank() {
        return dims.length;
    }

    /** The number of elements. */
    public int size() {
        return size;
    }

    /** The extent along an axis; negative axes count from the last, −1 being the last one. */
    public int dim(int axis) {
        return dims[axis(axis)];
    }

    /** A copy of the extents. */
    public int[] dims() {
        return dims.clone();
    }

    /**
     * The axis counted from the front.
     *
     * @throws ShapeException if the axis is outside [−rank, rank)
     */
    public int axis(int axis) {
        int a = axis < 0 ? axis + dims.length : axis;
        if (a < 0 || a >= dims.length) {
            throw new ShapeException(Errors.axisOutOfRange(axis, this));
        }
        return a;
    }

    /** This shape with one extent replaced. */
    public Shape with(int axis, int extent) {
        int[] copy = dims();
        copy[axis(axis)] = extent;
        return of(copy);
    }

    /** This shape with the extents of the given axes set to 1. */
    public Shape keeping(int... axes) {
        int[] copy = dims();
        for (int a : Given.require("keeping", "the axes", axes)) {
            copy[axis(a)] = 1;
        }
        return of(copy);
    }

    /** This shape without the given axes. */
    public Shape without(int... axes) {
        boolean[] drop = new boolean[dims.length];
        for (int a : Given.require("without", "the axes", axes)) {
            drop[axis(a)] = true;
        }
        int[] rest = new int[dims.length];
        int n = 0;
        for (int i = 0; i < dims.length; i++) {
            if (!drop[i]) {
                rest[n++] = dims[i];
            }
        }
        return of(Arrays.copyOf(rest, n));
    }

    /**
     * The shape of as many elements with these extents, of which one may be −1: it follows from the others.
     *
     * @throws ShapeException if an extent is negative, or none follows
     */
    public Shape reshaped(int... extents) {
        return Reshaping.resolve(this, extents);
    }

    /** Elements between neighbours along each axis of a dense row-major tensor of this shape; zeros if it is empty. */
    public int[] strides() {
        int[] strides = new int[dims.length];
        long step = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            strides[i] = size == 0 ? 0 : (int) step;
            step *= dims[i];
        }
        return strides;
    }

    /**
     * The shape that two operands take together: extents are aligned from the last axis, and an extent of 1 stretches.
     *
     * @throws ShapeException if two aligned extents differ and neither is 1
     */
    public static Shape broadcast(Shape a, Shape b) {
        Given.require("broadcast", "the first shape", a);
        Given.require("broadcast", "the second shape", b);
        if (a.equals(b)) {
            return a;
        }
        int rank = Math.max(a.rank(), b.rank());
        int[] out = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int da = i <= a.rank() ? a.dim(-i) : 1;
            int db = i <= b.rank() ? b.dim(-i) : 1;
            if (da != db && da != 1 && db != 1) {
                throw new ShapeException(Errors.cannotBroadcast(a, b));
            }
            out[rank - i] = da == 1 ? db : da;
        }
        return of(out);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Shape other && Arrays.equals(dims, other.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** The extents as {@code 64×3×32×32}; a scalar prints as {@code scalar}. */
    @Override
    public String toString() {
        return dims.length == 0
                ? "scalar"
                : Arrays.stream(dims).mapToObj(Integer::toString).collect(Collectors.joining("×"));
    }
}
