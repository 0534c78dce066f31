package dev.fluxion.data;

/**
 * Random numbers that are the same on every machine and for every version of the JDK: SplitMix64 (Steele, Lea, Flood,
 * "Fast splittable pseudorandom number generators", 2014). Each pair of a seed and a stream number is a sequence of its own.
 */
public final class Rng {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private long state;

    /** The sequence of a seed and a stream. */
    public Rng(long seed, long stream) {
        state = mix(mix(seed + GOLDEN) + stream);
    }

    /** Sixty-four random bits. */
    public long next() {
        state += GOLDEN;
        return mix(state);
    }

    /** A sequence of its own, whatever else is drawn from this one. */
    Rng part(long stream) {
        return new Rng(state, stream);
    }

    /**
     * Uniform in [0, bound).
     *
     * @throws ArithmeticException if the bound is 0
     */
    public int below(int bound) {
        return (int) Long.remainderUnsigned(next(), bound);
    }

    /** Uniform in [low, high). */
    public double between(double low, double high) {
        return low + (high - low) * ((next() >>> 11) * 0x1p-53);
    }

    /** True with a probability. */
    public boolean chance(double probability) {
        return between(0, 1) < probability;
    }

    /** The numbers from 0 up to but without {@code count} in random order. */
    public int[] permutation(int count) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = below(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
