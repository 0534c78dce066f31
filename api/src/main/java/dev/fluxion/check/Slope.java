package dev.fluxion.check;

import java.util.function.DoubleUnaryOperator;

/**
 * The derivative at 0 of a function of one number, from differences of its values: central differences at three step
 * sizes, extrapolated twice (Richardson). Where the estimates do not agree or the one-sided derivatives differ, the steps
 * are made smaller, to get away from a kink or a pole nearby; where that does not help, there is no derivative.
 *
 * @param kind what the function is like at 0
 * @param value the derivative; NaN where there is none
 * @param left the derivative from below, of a kink
 * @param right the derivative from above, of a kink
 */
record Slope(Kind kind, double value, double left, double right) {
    private static final double FIRST = 0x1p-7;
    private static final double SHRINK = 0x1p-3;
    private static final int TRIES = 6;
    /** How well the estimates of a one-sided derivative must agree; they have one order less than central ones. */
    private static final double ONE_SIDED = 1e-3;

    /** What a function can be like at a place. */
    enum Kind {
        /** It has a derivative. */
        SMOOTH,
        /** It has a derivative from below and another one from above. */
        KINK,
        /** It jumps, or bends faster than differences can follow. */
        ROUGH,
        /** It has no value there or nearby. */
        UNDEFINED
    }

    /**
     * The derivative at 0.
     *
     * @param f the function, its argument scaled so that 1 is a large change; NaN where it has no value
     * @param accuracy the relative accuracy to reach
     * @param floor the size below which a derivative counts as small, and accuracy is relative to this instead
     * @param noise how far rounding may put the values off
     */
    static Slope at0(DoubleUnaryOperator f, double accuracy, double floor, double noise) {
        double f0 = f.applyAsDouble(0);
        Slope last = none(Kind.UNDEFINED);
        double step = FIRST;
        for (int i = 0; i < TRIES && Double.isFinite(f0); i++, step *= SHRINK) {
            double[] up = new double[3];
            double[] down = new double[3];
            for (int k = 0; k < 3; k++) {
                double h = step / (1 << k);
                up[k] = (f.applyAsDouble(h) - f0) / h;
                down[k] = (f0 - f.applyAsDouble(-h)) / h;
            }
            double rough = (4 * mean(up, down, 2) - mean(up, down, 1)) / 3;
            double fine = (16 * rough - (4 * mean(up, down, 1) - mean(up, down, 0)) / 3) / 15;
            // The right derivative minus the left one: the difference of both without its terms in h and h³.
            double jump =
                    (8 * (2 * (up[2] - down[2]) - (up[1] - down[1])) - (2 * (up[1] - down[1]) - (up[0] - down[0]))) / 7;
            double limit = accuracy * Math.max(Math.abs(fine), floor);
            boolean heard = noise / (step / 4) <= limit;
            if (heard && Math.abs(fine - rough) <= limit && Math.abs(jump) <= 10 * limit) {
                return new Slope(Kind.SMOOTH, fine, fine, fine);
            }
            last = oneSided(down, up, accuracy, floor);
        }
        return last;
    }

    private static double mean(double[] up, double[] down, int k) {
        return (up[k] + down[k]) / 2;
    }

    private static Slope oneSided(double[] down, double[] up, double accuracy, double floor) {
        double left = limit(down, floor);
        double right = limit(up, floor);
        double larger = Math.max(floor, Math.max(Math.abs(left), Math.abs(right)));
        if (Math.abs(right - left) > accuracy * larger) {
            return new Slope(Kind.KINK, Double.NaN, left, right);
        }
        for (int k = 0; k < 3; k++) {
            if (!Double.isFinite(up[k]) || !Double.isFinite(down[k])) {
                return none(Kind.UNDEFINED);
            }
        }
        return none(Kind.ROUGH);
    }

    /** What one-sided differences at h, h/2, h/4 tend to; NaN if they do not. */
    private static double limit(double[] differences, double floor) {
        double rough = 2 * differences[2] - differences[1];
        double fine = (4 * rough - (2 * differences[1] - differences[0])) / 3;
        return Math.abs(fine - rough) <= ONE_SIDED * Math.max(Math.abs(fine), floor) ? fine : Double.NaN;
    }

    private static Slope none(Kind kind) {
        return new Slope(kind, Double.NaN, Double.NaN, Double.NaN);
    }
}
