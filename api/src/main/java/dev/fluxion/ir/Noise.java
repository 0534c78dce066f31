package dev.fluxion.ir;

/**
 * Counter-based random numbers: a number is a function of (seed, step, stream, index) alone, so that the interpreter, the
 * engine and a repeated run draw the same ones in any order. The mixing is the finaliser of SplitMix64 (Steele, Lea and
 * Flood, "Fast splittable pseudorandom number generators", 2014).
 */
public final class Noise {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Noise() {}

    /** The key of one stream at one step. */
    public static long key(long seed, long step, long stream) {
        return mix(mix(mix(seed + GOLDEN) + step * GOLDEN) ^ stream * 0xD1B54A32D192ED03L);
    }

    /** The key of the stream of a name at one step. */
    public static long key(long seed, long step, String name) {
        return key(seed, step, stream(name));
    }

    /** The number of the stream of a name: all of its characters count, so that no two names are likely to share one. */
    public static long stream(String name) {
        long stream = name.length();
        for (int i = 0; i < name.length(); i++) {
            stream = mix((stream ^ name.charAt(i)) + GOLDEN);
        }
        return stream;
    }

    /** The number at an index of a keyed stream: uniform in [0, 1), a multiple of 2⁻²⁴ and so exact in float32. */
    public static float uniform(long key, long index) {
        return (mix(key + (index + 1) * GOLDEN) >>> 40) * 0x1p-24f;
    }

    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
