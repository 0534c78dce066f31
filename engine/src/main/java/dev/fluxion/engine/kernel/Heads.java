package dev.fluxion.engine.kernel;

import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Shape;

/**
 * How heads N×T×H×D lie in memory: each position is a row of all heads, one head after the other, and rows may have gaps between
 * them.
 *
 * @param samples N
 * @param length T
 * @param heads H
 * @param size D
 * @param row floats from one position to the next
 */
public record Heads(int samples, int length, int heads, int size, long row) {
    /** Heads without gaps. */
    public static Heads plain(Shape shape) {
        return strided(shape, (long) shape.dim(2) * shape.dim(3));
    }

    /** Heads whose positions are so many floats apart. */
    public static Heads strided(Shape shape, long row) {
        return new Heads(shape.dim(0), shape.dim(1), shape.dim(2), shape.dim(3), row);
    }

    /** The first number of a head, in floats. */
    long at(int sample, int position, int head) {
        return ((long) sample * length + position) * row + (long) head * size;
    }

    /** A matrix for each of some heads, with a row for each of some positions. */
    Layout matrices(int some, int positions) {
        return Layout.strided(new long[] {some, positions, size}, new long[] {size, row, 1});
    }

    /** The transposed matrices. */
    Layout transposed(int some, int positions) {
        return Layout.strided(new long[] {some, size, positions}, new long[] {size, 1, row});
    }
}
