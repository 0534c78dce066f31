package dev.fluxion.engine.kernel;

import dev.fluxion.ir.UnaryFn;

/**
 * Functions of floats that are computed in double precision, one pass after the other: all numbers are widened, then all are
 * computed, then all are rounded. In one loop, a number would wait for the one before it: a conversion keeps the rest of the
 * register that it writes to, which takes ten times as long.
 */
final class WideMath {
    /** Exponents from here on are infinite in single precision, and 0 below the other one. */
    private static final double TOP = 90;

    private static final double BOTTOM = -110;
    /** So often a power of e is squared; before, it is that of a number so small that few terms are exact. */
    private static final double SQUARED = 0x1p-10;

    private WideMath() {}

    /**
     * A function of each number.
     *
     * @param wide room for twice as many numbers
     */
    static void unary(UnaryFn fn, double alpha, float[] x, double[] wide, float[] out, int n) {
        widen(x, wide, 0, n);
        compute(fn, alpha, wide, n);
        round(wide, out, n);
    }

    /** A number to the power of another. */
    static void pow(float[] a, float[] b, double[] wide, float[] out, int n) {
        widen(a, wide, 0, n);
        widen(b, wide, n, n);
        if (arePositive(wide, n)) {
            for (int i = 0; i < n; i++) {
                wide[i] = wide[n + i] * FloatMath.log(wide[i]);
            }
            exp(wide, 0, n);
        } else {
            for (int i = 0; i < n; i++) {
                wide[i] = FloatMath.pow(wide[i], wide[n + i]);
            }
        }
        round(wide, out, n);
    }

    /** e to the power of −|x|. */
    static void falling(float[] x, double[] wide, float[] out, int n) {
        widen(x, wide, 0, n);
        for (int i = 0; i < n; i++) {
            wide[i] = -Math.abs(wide[i]);
        }
        exp(wide, 0, n);
        round(wide, out, n);
    }

    private static void widen(float[] x, double[] wide, int at, int n) {
        for (int i = 0; i < n; i++) {
            wide[at + i] = x[i];
        }
    }

    private static void round(double[] wide, float[] out, int n) {
        for (int i = 0; i < n; i++) {
            out[i] = (float) wide[i];
        }
    }

    private static void compute(UnaryFn fn, double alpha, double[] x, int n) {
        switch (fn) {
            case FLOOR -> {
                for (int i = 0; i < n; i++) {
                    x[i] = Math.floor(x[i]);
                }
            }
            case ROUND -> {
                for (int i = 0; i < n; i++) {
                    x[i] = Math.rint(x[i]);
                }
            }
            case LOG -> {
                for (int i = 0; i < n; i++) {
                    x[i] = FloatMath.log(x[i]);
                }
            }
            case LOG1P -> {
                for (int i = 0; i < n; i++) {
                    x[i] = FloatMath.log1p(x[i]);
                }
            }
            case ERF -> {
                for (int i = 0; i < n; i++) {
                    x[i] = FloatMath.erf(x[i]);
                }
            }
            case SIN -> {
                for (int i = 0; i < n; i++) {
                    x[i] = FloatMath.sin(x[i]);
                }
            }
            case COS -> {
                for (int i = 0; i < n; i++) {
                    x[i] = FloatMath.cos(x[i]);
                }
            }
            case ASINH -> {
                for (int i = 0; i < n; i++) {
                    x[i] = FloatMath.asinh(x[i]);
                }
            }
            case ACOSH -> {
                for (int i = 0; i < n; i++) {
                    x[i] = FloatMath.acosh(x[i]);
                }
            }
            case ATANH -> {
                for (int i = 0; i < n; i++) {
                    x[i] = FloatMath.atanh(x[i]);
                }
            }
            case EXP -> exp(x, 0, n);
            case SINH -> sinh(x, n);
            case COSH -> cosh(x, n);
            case POWER -> power(x, alpha, n);
            default -> {
                for (int i = 0; i < n; i++) {
                    x[i] = fn.apply(x[i], alpha);
                }
            }
        }
    }

    private static void power(double[] x, double exponent, int n) {
        if (arePositive(x, n)) {
            for (int i = 0; i < n; i++) {
                x[i] = exponent * FloatMath.log(x[i]);
            }
            exp(x, 0, n);
        } else {
            for (int i = 0; i < n; i++) {
                x[i] = FloatMath.pow(x[i], exponent);
            }
        }
    }

    private static boolean arePositive(double[] x, int n) {
        boolean all = true;
        for (int i = 0; i < n; i++) {
            all &= x[i] > 0 && x[i] <= Double.MAX_VALUE;
        }
        return all;
    }

    /** Taylor's series without branches, which becomes one of vectors. */
    private static void exp(double[] x, int from, int to) {
        for (int i = from; i < to; i++) {
            double r = Math.max(Math.min(x[i], TOP), BOTTOM) * SQUARED;
            double far = 1.0 / 120 + r * (1.0 / 720 + r * (1.0 / 5040 + r * (1.0 / 40320)));
            double y = 1 + r * (1 + r * (0.5 + r * (1.0 / 6 + r * (1.0 / 24 + r * far))));
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            x[i] = y;
        }
    }

    /** Half of what eˣ is above e⁻ˣ; near 0, where that says little, by its series. */
    private static void sinh(double[] x, int n) {
        exponentials(x, n);
        for (int i = 0; i < n; i++) {
            double q = x[i] * x[i];
            double far = q * (1.0 / 5040 + q * (1.0 / 362880 + q * (1.0 / 39916800)));
            double near = x[i] * (1 + q * (1.0 / 6 + q * (1.0 / 120 + far)));
            double half = 0.5 * (x[n + i] - 1 / x[n + i]);
            x[i] = q < 1 ? near : Math.copySign(half, x[i]);
        }
    }

    private static void cosh(double[] x, int n) {
        exponentials(x, n);
        for (int i = 0; i < n; i++) {
            x[i] = 0.5 * (x[n + i] + 1 / x[n + i]);
        }
    }

    /** Behind the numbers, e to the power of each without its sign. */
    private static void exponentials(double[] x, int n) {
        for (int i = 0; i < n; i++) {
            x[n + i] = Math.abs(x[i]);
        }
        exp(x, n, 2 * n);
    }
}
