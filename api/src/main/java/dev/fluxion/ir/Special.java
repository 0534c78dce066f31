package dev.fluxion.ir;

/** Special functions in double precision, to a few units in the last place relative to the result, tails included. */
final class Special {
    /** Below, erf is the sum of a series; above, what its tail leaves of 1, which cancels little. */
    private static final double SPLIT = 0.5;
    /** Above, √(x² ± 1) is x. */
    private static final double LARGE = 0x1p28;

    /** erf x / x as a series in x² (Abramowitz and Stegun 7.1.5), as long as terms matter below the split. */
    private static final double[] NEAR = new double[13];

    static {
        double factor = 2 / Math.sqrt(Math.PI);
        for (int n = 0; n < NEAR.length; n++) {
            NEAR[n] = factor / (2 * n + 1);
            factor /= -(n + 1);
        }
    }

    private Special() {}

    static double sigmoid(double x) {
        double e = Math.exp(-Math.abs(x));
        return x >= 0 ? 1 / (1 + e) : e / (1 + e);
    }

    static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    static double asinh(double x) {
        double a = Math.abs(x);
        double y = a > LARGE ? Math.log(a) + Math.log(2) : Math.log1p(a + a * a / (1 + Math.sqrt(1 + a * a)));
        return Math.copySign(y, x);
    }

    static double acosh(double x) {
        if (x < 1) {
            return Double.NaN;
        }
        double t = x - 1;
        return x > LARGE ? Math.log(x) + Math.log(2) : Math.log1p(t + Math.sqrt(t * (x + 1)));
    }

    static double atanh(double x) {
        double a = Math.abs(x);
        return Math.copySign(0.5 * Math.log1p(2 * a / (1 - a)), x);
    }

    static double erf(double x) {
        double a = Math.abs(x);
        return a < SPLIT ? x * NormalTail.polynomial(NEAR, x * x) : Math.copySign(1 - bell(x, 1) * NormalTail.of(a), x);
    }

    static double normalCdf(double x) {
        double tail = 0.5 * bell(x, 0.5) * NormalTail.of(Math.abs(x) * Math.sqrt(0.5));
        return x < 0 ? tail : 1 - tail;
    }

    /** e^(−scale·x²), corrected for the rounding of x², which the exponential would magnify. */
    private static double bell(double x, double scale) {
        double square = x * x;
        return Double.isInfinite(square) ? 0 : Math.exp(-scale * square) * (1 - scale * Math.fma(x, x, -square));
    }
}
