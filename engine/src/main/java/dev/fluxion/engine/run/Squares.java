package dev.fluxion.engine.run;

import java.nio.FloatBuffer;

/**
 * The sum of the squares of an input, for those who may rely on small numbers. It is known when all numbers have been written one after
 * the other; before, it is infinite.
 */
final class Squares {
    private static final int UNKNOWN = -1;

    private final FloatBuffer place;
    private final int size;
    private double sum;
    /** So many numbers, from the first on, are in the sum. */
    private int summed = UNKNOWN;

    /**
     * A sum.
     *
     * @param place where it is read
     * @param size the number of elements of the input
     */
    Squares(FloatBuffer place, int size) {
        this.place = place;
        this.size = size;
        tell();
    }

    /** Some numbers, from a place on, have this sum of squares now. */
    void wrote(int at, int count, double squares) {
        sum = at == 0 ? squares : sum + squares;
        summed = at == 0 || at == summed ? at + count : UNKNOWN;
        tell();
    }

    /** The last of the first rows is repeated to the end: its squares are at most those of all of them. */
    void repeated(int count, int row) {
        sum *= 1 + (size - count) / row;
        summed = count == summed ? size : UNKNOWN;
        tell();
    }

    /** The numbers may be any. */
    void forget() {
        summed = UNKNOWN;
        tell();
    }

    private void tell() {
        place.put(0, summed == size ? (float) sum : Float.POSITIVE_INFINITY);
    }
}
