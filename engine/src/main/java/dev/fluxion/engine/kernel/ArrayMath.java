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

    static void unary(UnaryFn fn, double alpha, float[] x, float[] out, int n) {
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
            case FLOOR -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) Math.floor(x[i]);
                }
            }
            case ROUND -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) Math.rint(x[i]);
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
            case LOG -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) FloatMath.log(x[i]);
                }
            }
            case LOG1P -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) FloatMath.log1p(x[i]);
                }
            }
            case ERF -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) FloatMath.erf(x[i]);
                }
            }
            case SIN -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) FloatMath.sin(x[i]);
                }
            }
            case COS -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) FloatMath.cos(x[i]);
                }
            }
            case POWER -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) FloatMath.pow(x[i], alpha);
                }
            }
            case SOFTPLUS -> softplus(x, out, n);
            case EXP -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) FloatMath.exp(x[i]);
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) fn.apply(x[i], alpha);
                }
            }
        }
    }

    /** max(x, 0) + log(1 + e) with e = exp −|x|: the logarithm is 2 artanh s with s = e/(2 + e), which is at most 1/3. */
    private static void softplus(float[] x, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = (float) FloatMath.exp(-Math.abs(x[i]));
        }
        for (int i = 0; i < n; i++) {
            float s = out[i] / (2 + out[i]);
            float q = s * s;
            float far = q * (1 / 9f + q * (1 / 11f + q * (1 / 13f + q * (1 / 15f))));
            float near = q * (1 / 3f + q * (1 / 5f + q * (1 / 7f + far)));
            out[i] = Math.max(x[i], 0) + 2 * (s + s * near);
        }
    }

    static void binary(BinaryFn fn, float[] a, float[] b, float[] out, int n) {
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
            case POW -> {
                for (int i = 0; i < n; i++) {
                    out[i] = (float) FloatMath.pow(a[i], b[i]);
                }
            }
        }
    }

    static void clip(float least, float most, float[] x, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = Math.min(Math.max(x[i], least), most);
        }
    }

    static void where(float[] condition, float[] a, float[] b, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            int then = Float.floatToRawIntBits(a[i]);
            int otherwise = Float.floatToRawIntBits(b[i]);
            int chosen = condition[i] != 0 ? then : otherwise;
            out[i] = Float.intBitsToFloat(chosen);
        }
    }
}
