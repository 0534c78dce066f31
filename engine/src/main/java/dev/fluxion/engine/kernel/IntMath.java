package dev.fluxion.engine.kernel;

import dev.fluxion.ir.BinaryFn;

/** The operators on integers, whose bits are in float arrays. See {@link ArrayMath}. */
final class IntMath {
    private static final int ONE = Float.floatToRawIntBits(1);

    private IntMath() {}

    /** An integer, or of a comparison 1 where it holds, else 0. */
    static void binary(BinaryFn fn, float[] a, float[] b, float[] out, int n) {
        switch (fn) {
            case EQ -> {
                for (int i = 0; i < n; i++) {
                    int one = bits(a[i]) == bits(b[i]) ? ONE : 0;
                    out[i] = Float.intBitsToFloat(one);
                }
            }
            case NE -> {
                for (int i = 0; i < n; i++) {
                    int one = bits(a[i]) != bits(b[i]) ? ONE : 0;
                    out[i] = Float.intBitsToFloat(one);
                }
            }
            case LT -> {
                for (int i = 0; i < n; i++) {
                    int one = bits(a[i]) < bits(b[i]) ? ONE : 0;
                    out[i] = Float.intBitsToFloat(one);
                }
            }
            case LE -> {
                for (int i = 0; i < n; i++) {
                    int one = bits(a[i]) <= bits(b[i]) ? ONE : 0;
                    out[i] = Float.intBitsToFloat(one);
                }
            }
            case GT -> binary(BinaryFn.LT, b, a, out, n);
            case GE -> binary(BinaryFn.LE, b, a, out, n);
            case ADD, SUB, MUL, DIV, MAX, MIN, POW -> {
                for (int i = 0; i < n; i++) {
                    int made = fn.applyToInts(bits(a[i]), bits(b[i]));
                    out[i] = Float.intBitsToFloat(made);
                }
            }
        }
    }

    /** Elements of any type where integers are not 0, else others; see {@link ArrayMath#where}. */
    static void where(float[] condition, float[] a, float[] b, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            int number = bits(condition[i]);
            int then = (number | -number) >> 31;
            int chosen = bits(a[i]) & then | bits(b[i]) & ~then;
            out[i] = Float.intBitsToFloat(chosen);
        }
    }

    static void toFloat(float[] x, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = bits(x[i]);
        }
    }

    /** The integers nearest to floats towards 0. */
    static void truncate(float[] x, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = Float.intBitsToFloat((int) x[i]);
        }
    }

    private static int bits(float element) {
        return Float.floatToRawIntBits(element);
    }
}
