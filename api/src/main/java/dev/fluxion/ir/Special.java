package dev.fluxion.ir;

/** Special functions in double precision, to a few units in the last place relative to the result, tails included. */
final class Special {
    /** Below, the series of erf is used; above, the continued fraction of 1 − erf, which cancels nothing. */
    private static final double SPLIT = 0.8;

    private Special() {}

    static double sigmoid(double x) {
        double e = Math.exp(-Math.abs(x));
        return x >= 0 ? 1 / (1 + e) : e / (1 + e);
    }

    static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    static double erf(double x) {
        double a = Math.abs(x);
        double y = a < SPLIT ? series(a, bell(x, 1)) : 1 - fraction(a, bell(x, 1));
        return Math.copySign(y, x);
    }

    static double normalCdf(double x) {
        double a = Math.abs(x) * Math.sqrt(0.5);
        double tail = 0.5 * (a < SPLIT ? 1 - series(a, bell(x, 0.5)) : fraction(a, bell(x, 0.5)));
        return x < 0 ? tail : 1 - tail;
    }

    /** e^(−scale·x²), corrected for the rounding of x², which the exponential would magnify. */
    private static double bell(double x, double scale) {
        double square = x * x;
        return Double.isInfinite(square) ? 0 : Math.exp(-scale * square) * (1 - scale * Math.fma(x, x, -square));
    }

    /** erf as 2/√π·e^(−x²)·Σ 2ⁿx^(2n+1)/(2n+1)!!, all terms positive (Abramowitz and Stegun 7.1.6). */
    private static double series(double x, double bell) {
        double term = x;
        double sum = x;
        for (int n = 1; term > sum * 1e-17; n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * bell * sum;
    }

    /** 1 − erf by its continued fraction (Abramowitz and Stegun 7.1.14), evaluated from the far end. */
    private static double fraction(double x, double bell) {
        double tail = x;
        for (int n = 300; n > 0; n--) {
            tail = x + 0.5 * n / tail;
        }
        return bell / (Math.sqrt(Math.PI) * tail);
    }
}
