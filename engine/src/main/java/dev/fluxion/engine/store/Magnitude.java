package dev.fluxion.engine.store;

import java.nio.FloatBuffer;

/** What is known of the numbers of a block without a look at them. Whoever changes the block holds the parameters' lock. */
public final class Magnitude {
    private static final int CHUNK = 1024;

    /** No number is larger, whatever its sign; NaN if nothing is known. */
    private double most = Double.NaN;
    /** Whether no number is negative, if anything is known. */
    private boolean positive;

    public double most() {
        return most;
    }

    public boolean positive() {
        return positive;
    }

    public void know(double newMost, boolean newPositive) {
        most = newMost;
        positive = newPositive;
    }

    /** Some numbers of the block have changed, none of which is larger than this; others may be as they were. */
    public void grow(double changed, boolean changedPositive) {
        know(Math.max(most, changed), positive && changedPositive);
    }

    public void forget() {
        most = Double.NaN;
    }

    /** Looks at all numbers. A NaN counts as infinite. */
    public void measure(FloatBuffer values) {
        know(0, true);
        float[] chunk = new float[Math.min(CHUNK, values.capacity())];
        for (int start = 0; start < values.capacity(); start += chunk.length) {
            int n = Math.min(chunk.length, values.capacity() - start);
            values.get(start, chunk, 0, n);
            include(chunk, n);
        }
    }

    /** Some numbers come to those that are there. */
    void include(float[] values, int count) {
        float largest = 0;
        float smallest = 0;
        float other = 0;
        for (int i = 0; i < count; i++) {
            float x = values[i];
            largest = x > largest ? x : largest;
            smallest = x < smallest ? x : smallest;
            other += x * 0;
        }
        double all = other == 0 ? Math.max(largest, -smallest) : Double.POSITIVE_INFINITY;
        know(Math.max(most, all), positive && smallest == 0);
    }
}
