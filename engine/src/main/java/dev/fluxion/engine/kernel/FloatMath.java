package dev.fluxion.engine.kernel;

/**
 * Functions off by less than 10⁻¹⁰ of what they are, which is nothing once it is rounded to float32. Those of {@link Math}
 * are exact in double precision and take branches, which numbers in no order make slow.
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
}
