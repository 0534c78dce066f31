package dev.fluxion.data;

/**
 * Random numbers that are the same on every machine and for every version of the JDK: SplitMix64 (Steele, Lea, Flood,
 * "Fast splittable pseudorandom number generators", 2014). Each pair of a seed and a stream number is a sequence of its own.
 */
final class Rng {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private long state;

    Rng(long seed, long stream) {
        state = mix(mix(seed + GOLDEN) + stream);
    }

    long next() {
        state += GOLDEN;
        return mix(state);
    }

    /** Uniform in [0, bound). */
    int below(int bound) {
        return (int) Long.remainderUnsigned(next(), bound);
    }

    /** Uniform in [low, high). */
    double between(double low, double high) {
        return low + (high - low) * ((next() >>> 11) * 0x1p-53);
    }

    /** The numbers from 0 up to but without {@code count} in random order. */
    int[] permutation(int count) {
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
