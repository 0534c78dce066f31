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

    /** The seed of {@link #drawn} that a number in [0, 1) is, with 24 bits. */
    public static int seed(double uniform) {
        return (int) (uniform * 0x1p24);
    }

    /**
     * The number at an index of what two seeds draw: 24 bits, each as likely 0 as 1. It is made of 32-bit integers, which loops compute as
     * vectors; the mixing is that of MurmurHash3 (Appleby, 2011), with the second seed in between and one round more.
     */
    public static int drawn(int first, int second, int index) {
        return drawnBehind(first, second, steps(index));
    }

    /** How far an index is from the first one, as {@link #drawnBehind} takes it. */
    public static int steps(int index) {
        return index * 0x9E3779B9;
    }

    /** The same number as {@link #drawn} for what {@link #steps} says: loops that look it up become vectors on JDK 17. */
    public static int drawnBehind(int first, int second, int steps) {
        int a = (first << 8 | second & 0xFF) + steps;
        int b = (a ^ (a >>> 16)) * 0x85EBCA6B;
        int c = (b ^ (b >>> 13) ^ second) * 0xC2B2AE35;
        int d = (c ^ (c >>> 16)) * 0x27D4EB2F;
        return (d ^ (d >>> 15)) >>> 8;
    }

    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
