package dev.fluxion.engine.kernel;

import dev.fluxion.ir.UnaryFn;

/**
 * Functions off by less than 10⁻¹⁰ of what they are, erf by 2·10⁻⁸, which is little once it is rounded to float32. Those of
 * {@link Math} are exact in double precision and take branches, which numbers in no order make slow.
 */
final class FloatMath {
    private static final double LOG_2 = Math.log(2);
    /** The largest exponent whose power, and that of its negative, is a normal number with room to spare. */
    private static final double LARGE = 700;
    /** From here on, 1 + x keeps enough of x; below, log(1 + x) is x − x²/2. */
    private static final double SMALL = 0x1p-18;
    /** Added to a small number, it leaves the nearest integer in the last bits. */
    private static final double ROUND = 0x1.8p52;

    private static final int MANTISSA = 52;
    private static final int BIAS = 1023;
    private static final long HALF_ROOT = Double.doubleToRawLongBits(Math.sqrt(0.5));
    private static final long EXPONENT = -1L << MANTISSA;

    /** How many nodes a full turn has. */
    private static final int TURN = 32;
    /** Up to here, the multiples of a float near π/16 are exact. From here on, asinh x is log 2x. */
    private static final double FAR = 1e5;

    private static final double STEP = 2 * Math.PI / TURN;
    /** Less than the step: what is taken off a zero besides is a positive zero, which leaves it its sign. */
    private static final double STEP_HEAD = Math.nextDown((float) STEP);
    /** What the head lacks, and what Math.PI lacks of π, which is its sine. */
    private static final double STEP_REST = STEP - STEP_HEAD + Math.sin(Math.PI) * 2 / TURN;
    /** The sine at the nodes; a quarter of a turn further on, the cosine. Where it is 0, it leaves what is added its sign. */
    private static final double[] SINE = new double[TURN];

    /** From here on, erf is 1 in float32. */
    private static final int ERF_END = 4;

    private static final int ERF_NODES_PER_UNIT = 8;
    private static final int ERF_TERMS = 9;
    /** Taylor's coefficients of erf about its nodes, one after the other. */
    private static final double[] ERF = new double[(ERF_END * ERF_NODES_PER_UNIT + 1) * ERF_TERMS];

    static {
        for (int i = 0; i < TURN; i++) {
            SINE[i] = i % (TURN / 2) == 0 ? -0.0 : Math.sin(i * STEP);
        }
        for (int node = 0; node <= ERF_END * ERF_NODES_PER_UNIT; node++) {
            int i = node * ERF_TERMS;
            double x = (double) node / ERF_NODES_PER_UNIT;
            ERF[i] = UnaryFn.ERF.apply(x, 0);
            ERF[i + 1] = 2 / Math.sqrt(Math.PI) * Math.exp(-x * x);
            for (int n = 0; n < ERF_TERMS - 2; n++) {
                ERF[i + n + 2] = -2 * (x * (n + 1) * ERF[i + n + 1] + n * ERF[i + n]) / ((n + 1) * (n + 2));
            }
        }
    }

    private FloatMath() {}

    /** With x = 2ᵏm and m around 1, k·log 2 + 2 artanh s, where s = (m − 1)/(m + 1) is at most 0.172. */
    static double log(double x) {
        if (!(x >= Double.MIN_NORMAL && x <= Double.MAX_VALUE)) {
            return Math.log(x);
        }
        long bits = Double.doubleToRawLongBits(x);
        long scale = bits - HALF_ROOT & EXPONENT;
        double m = Double.longBitsToDouble(bits - scale);
        double s = (m - 1) / (m + 1);
        double q = s * s;
        double far = q * (1.0 / 9 + q * (1.0 / 11 + q * (1.0 / 13)));
        double near = q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + far)));
        return (scale >> MANTISSA) * LOG_2 + 2 * (s + s * near);
    }

    /** With x = k·log 2 + r and |r| at most 0.347, 2ᵏ·eʳ. */
    static double exp(double x) {
        if (!(Math.abs(x) <= LARGE)) {
            return Math.exp(x);
        }
        double shifted = x * (1 / LOG_2) + ROUND;
        double r = x - (shifted - ROUND) * LOG_2;
        double far = 1.0 / 120 + r * (1.0 / 720 + r * (1.0 / 5040 + r * (1.0 / 40320 + r * (1.0 / 362880))));
        double near = 1 + r * (1 + r * (0.5 + r * (1.0 / 6 + r * (1.0 / 24 + r * far))));
        return near * Double.longBitsToDouble(Double.doubleToRawLongBits(shifted) + BIAS << MANTISSA);
    }

    /** log(1 + x), exact near 0. */
    static double log1p(double x) {
        return Math.abs(x) < SMALL ? x - 0.5 * x * x : log(1 + x);
    }

    /** x to a power. */
    static double pow(double x, double exponent) {
        return x > 0 && x <= Double.MAX_VALUE ? exp(exponent * log(x)) : Math.pow(x, exponent);
    }

    static double asinh(double x) {
        double a = Math.abs(x);
        double y = a > FAR ? log(2 * a) : log1p(a + a * a / (1 + Math.sqrt(1 + a * a)));
        return Math.copySign(y, x);
    }

    static double acosh(double x) {
        return x >= 1 ? log1p(x - 1 + Math.sqrt((x - 1) * (x + 1))) : Double.NaN;
    }

    static double atanh(double x) {
        double a = Math.abs(x);
        return Math.copySign(0.5 * log1p(2 * a / (1 - a)), x);
    }

    /** By its series, whose coefficients follow from erf″ = −2x·erf′, about the nearest node. */
    static double erf(double x) {
        double a = Math.min(Math.abs(x), ERF_END);
        int node = (int) (a * ERF_NODES_PER_UNIT + 0.5);
        double r = a - (double) node / ERF_NODES_PER_UNIT;
        int at = node * ERF_TERMS;
        double sum = 0;
        for (int n = ERF_TERMS - 1; n >= 0; n--) {
            sum = sum * r + ERF[at + n];
        }
        return Math.copySign(sum, x);
    }

    static double sin(double x) {
        return Math.abs(x) <= FAR ? turned(x, 0) : Math.sin(x);
    }

    static double cos(double x) {
        return Math.abs(x) <= FAR ? turned(x, TURN / 4) : Math.cos(x);
    }

    /** sin(a + r) = sin a·cos r + cos a·sin r, a being the nearest node. */
    private static double turned(double x, int ahead) {
        double shifted = x * (1 / STEP) + ROUND;
        double k = shifted - ROUND;
        double r = x - k * STEP_HEAD - k * STEP_REST;
        double q = r * r;
        double sin = r * (1 - q * (1.0 / 6 - q * (1.0 / 120 - q * (1.0 / 5040))));
        double cos = 1 - q * (0.5 - q * (1.0 / 24 - q * (1.0 / 720)));
        int node = (int) Double.doubleToRawLongBits(shifted) + ahead;
        return SINE[node & TURN - 1] * cos + SINE[node + TURN / 4 & TURN - 1] * sin;
    }
}
