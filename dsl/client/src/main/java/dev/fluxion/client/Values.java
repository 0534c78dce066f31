package dev.fluxion.client;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Numbers with a shape, in row-major order: {@code Values.of(pixels, 1, 784)}. The array is not copied and must not change while a
 * request is made.
 */
public final class Values {
    private static final int BYTES = 4;
    private static final String NUMBERS = "Values: the numbers";

    private final int[] shape;
    private final float @Nullable [] floats;
    private final int @Nullable [] ints;

    private Values(int[] shape, float @Nullable [] floats, int @Nullable [] ints, int count) {
        this.shape = Errors.require("Values: the shape", shape).clone();
        this.floats = floats;
        this.ints = ints;
        Errors.requireCount(this.shape, count);
    }

    /**
     * Floating-point numbers, FP32 in the protocol.
     *
     * @param shape the extents, those of samples after their number
     * @throws IllegalArgumentException if the array does not fill the shape
     */
    public static Values of(float[] numbers, int... shape) {
        return new Values(shape, numbers, null, Errors.require(NUMBERS, numbers).length);
    }

    /**
     * Integers, INT32 in the protocol.
     *
     * @throws IllegalArgumentException if the array does not fill the shape
     */
    public static Values of(int[] numbers, int... shape) {
        return new Values(shape, null, numbers, Errors.require(NUMBERS, numbers).length);
    }

    /** Reads the next numbers of some bytes. */
    static Values read(String type, int[] shape, ByteBuffer from) {
        int count = from.remaining() / BYTES;
        if (from.remaining() % BYTES != 0) {
            throw Errors.badAnswer("an output has " + from.remaining() + " bytes");
        }
        if (type.equals("FP32")) {
            float[] floats = new float[count];
            from.asFloatBuffer().get(floats);
            return of(floats, shape);
        }
        int[] ints = new int[count];
        from.asIntBuffer().get(ints);
        return of(ints, shape);
    }

    void write(ByteBuffer to) {
        if (floats != null) {
            to.asFloatBuffer().put(floats);
        } else {
            to.asIntBuffer().put(ints());
        }
        to.position(to.position() + bytes());
    }

    /** How many bytes the numbers have. */
    int bytes() {
        return BYTES * (floats != null ? floats.length : ints().length);
    }

    /** Their type in the protocol. */
    String type() {
        return floats != null ? "FP32" : "INT32";
    }

    /** The extents. */
    public int[] shape() {
        return shape.clone();
    }

    /**
     * The floating-point numbers: the array itself.
     *
     * @throws IllegalStateException if these are integers
     */
    public float[] floats() {
        if (floats == null) {
            throw new IllegalStateException(Errors.isInts());
        }
        return floats;
    }

    /**
     * The integers: the array itself.
     *
     * @throws IllegalStateException if these are floating-point numbers
     */
    public int[] ints() {
        if (ints == null) {
            throw new IllegalStateException(Errors.isFloats());
        }
        return ints;
    }
}
