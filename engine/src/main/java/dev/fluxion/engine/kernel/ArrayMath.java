package dev.fluxion.engine.kernel;

import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.UnaryFn;

/**
 * The operators on short float arrays, as loops simple enough for the virtual machine to vectorise. What depends on
 * comparisons is chosen among integers, which takes no branch: of numbers in no order, the processor guesses every other
 * branch wrong and loses ten times what the comparison takes.
 */
final class ArrayMath {
    private static final int ONE = Float.floatToRawIntBits(1);
    private static final int INFINITE = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

    private ArrayMath() {}

    /** Whether a function is computed in double precision. */
    static boolean isWide(UnaryFn fn) {
        return switch (fn) {
            case NEG, ABS, SIGN, SQUARE, SQRT, RECIPROCAL, RELU, LEAKY_RELU -> false;
            default -> true;
        };
    }

    /**
     * A function of each number.
     *
     * @param wide room for twice as many numbers where the function {@link #isWide}
     */
    static void unary(UnaryFn fn, double alpha, float[] x, double[] wide, float[] out, int n) {
        switch (fn) {
            case NEG -> {
                for (int i = 0; i < n; i++) {
                    out[i] = -x[i];
                }
            }
            case ABS -> {
                for (int i = 0; i < n; i++) {
                    out[i] = Math.abs(x[i]);
                }
            }
            case SIGN -> {
                for (int i = 0; i < n; i++) {
                    int bits = Float.floatToRawIntBits(x[i]);
                    int size = bits & Integer.MAX_VALUE;
                    int one = size > INFINITE ? size : size == 0 ? 0 : ONE;
                    out[i] = Float.intBitsToFloat(one | bits & Integer.MIN_VALUE);
                }
            }
            case SQUARE -> {
                for (int i = 0; i < n; i++) {
                    out[i] = x[i] * x[i];
                }
            }
            case SQRT -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) Math.sqrt(x[i]);
                }
            }
            case RECIPROCAL -> {
                for (int i = 0; i < n; i++) {
                    out[i] = 1 / x[i];
                }
            }
            case RELU -> {
                for (int i = 0; i < n; i++) {
                    out[i] = Math.max(x[i], 0);
                }
            }
            case LEAKY_RELU -> {
                float slope = (float) alpha;
                for (int i = 0; i < n; i++) {
                    out[i] = Math.max(x[i], -0f) + slope * Math.min(x[i], 0);
                }
            }
            case SOFTPLUS -> softplus(x, wide, out, n);
            default -> WideMath.unary(fn, alpha, x, wide, out, n);
        }
    }

    /** max(x, 0) + log(1 + e) with e = exp −|x|: the logarithm is 2 artanh s with s = e/(2 + e), which is at most 1/3. */
    private static void softplus(float[] x, double[] wide, float[] out, int n) {
        WideMath.falling(x, wide, out, n);
        for (int i = 0; i < n; i++) {
            float s = out[i] / (2 + out[i]);
            float q = s * s;
            float far = q * (1 / 9f + q * (1 / 11f + q * (1 / 13f + q * (1 / 15f))));
            float near = q * (1 / 3f + q * (1 / 5f + q * (1 / 7f + far)));
            out[i] = Math.max(x[i], 0) + 2 * (s + s * near);
        }
    }

    /**
     * An operator on each pair of numbers.
     *
     * @param wide room for twice as many numbers for powers
     */
    static void binary(BinaryFn fn, float[] a, float[] b, double[] wide, float[] out, int n) {
        switch (fn) {
            case ADD -> {
                for (int i = 0; i < n; i++) {
                    out[i] = a[i] + b[i];
                }
            }
            case SUB -> {
                for (int i = 0; i < n; i++) {
                    out[i] = a[i] - b[i];
                }
            }
            case MUL -> {
                for (int i = 0; i < n; i++) {
                    out[i] = a[i] * b[i];
                }
            }
            case DIV -> {
                for (int i = 0; i < n; i++) {
                    out[i] = a[i] / b[i];
                }
            }
            case MAX -> {
                for (int i = 0; i < n; i++) {
                    out[i] = Math.max(a[i], b[i]);
                }
            }
            case MIN -> {
                for (int i = 0; i < n; i++) {
                    out[i] = Math.min(a[i], b[i]);
                }
            }
            case EQ -> {
                for (int i = 0; i < n; i++) {
                    int one = a[i] == b[i] ? ONE : 0;
                    out[i] = Float.intBitsToFloat(one);
                }
            }
            case NE -> {
                for (int i = 0; i < n; i++) {
                    int one = a[i] != b[i] ? ONE : 0;
                    out[i] = Float.intBitsToFloat(one);
                }
            }
            case LT -> {
                for (int i = 0; i < n; i++) {
                    int one = a[i] < b[i] ? ONE : 0;
                    out[i] = Float.intBitsToFloat(one);
                }
            }
            case LE -> {
                for (int i = 0; i < n; i++) {
                    int one = a[i] <= b[i] ? ONE : 0;
                    out[i] = Float.intBitsToFloat(one);
                }
            }
            case GT -> {
                for (int i = 0; i < n; i++) {
                    int one = a[i] > b[i] ? ONE : 0;
                    out[i] = Float.intBitsToFloat(one);
                }
            }
            case GE -> {
                for (int i = 0; i < n; i++) {
                    int one = a[i] >= b[i] ? ONE : 0;
                    out[i] = Float.intBitsToFloat(one);
                }
            }
            case POW -> WideMath.pow(a, b, wide, out, n);
        }
    }

    static void clip(float least, float most, float[] x, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = Math.min(Math.max(x[i], least), most);
        }
    }

    /** By bits, of which all are 1 where a condition is not 0: a choice would be a branch. */
    static void where(float[] condition, float[] a, float[] b, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            int unsigned = Float.floatToRawIntBits(condition[i]) << 1;
            int then = (unsigned | -unsigned) >> 31;
            int chosen = Float.floatToRawIntBits(a[i]) & then | Float.floatToRawIntBits(b[i]) & ~then;
            out[i] = Float.intBitsToFloat(chosen);
        }
    }
}
