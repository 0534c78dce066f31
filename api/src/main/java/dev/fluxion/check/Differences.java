package dev.fluxion.check;

import java.util.function.DoubleUnaryOperator;

/**
 * The derivative of a function at 0 from differences of its values at a step, half of it and a quarter of it.
 * Richardson extrapolation removes the errors that depend on the step, and the change of the last extrapolation
 * estimates the remaining error.
 *
 * @param slope the derivative from symmetric differences
 * @param doubt how far off it may be; large, too, where the slopes to both sides differ
 * @param left the derivative from below
 * @param right the derivative from above
 * @param doubtOfSides how far off those two may be
 * @param steepness the largest difference quotient
 * @param defined whether the function has a value at all steps
 */
record Differences(
        double slope, double doubt, double left, double right, double doubtOfSides, double steepness, boolean defined) {
    private static final int SIZES = 3;
    /**
     * Where the curvature jumps, the error of the derivative is this many times the change of the last extrapolation.
     */
    private static final double BEND = 14;
    /** A disagreement of the two sides counts this much: rounding puts it off by more than it does the derivative. */
    private static final double JUMP = 0.5;

    /**
     * Takes differences.
     *
     * @param f the function; NaN where it has no value
     * @param f0 its value at 0
     * @param step the largest step
     * @param noise a bound on the rounding error of the values
     */
    static Differences of(DoubleUnaryOperator f, double f0, double step, double noise) {
        double[] up = new double[SIZES];
        double[] down = new double[SIZES];
        double[] mean = new double[SIZES];
        double steepness = 0;
        for (int k = 0; k < SIZES; k++) {
            double h = step / (1 << k);
            up[k] = (f.applyAsDouble(h) - f0) / h;
            down[k] = (f0 - f.applyAsDouble(-h)) / h;
            mean[k] = (up[k] + down[k]) / 2;
            steepness = Math.max(steepness, Math.max(Math.abs(up[k]), Math.abs(down[k])));
        }
        double rounding = noise / (step / (1 << (SIZES - 1)));
        double rough = (4 * mean[2] - mean[1]) / 3;
        double fine = (16 * rough - (4 * mean[1] - mean[0]) / 3) / 15;
        // The right derivative minus the left one: the difference of both without its terms in h and h³.
        double jump =
                (8 * (2 * (up[2] - down[2]) - (up[1] - down[1])) - (2 * (up[1] - down[1]) - (up[0] - down[0]))) / 7;
        double left = limit(down);
        double right = limit(up);
        return new Differences(
                fine,
                largest(rounding, BEND * Math.abs(fine - rough), JUMP * Math.abs(jump)),
                left,
                right,
                largest(rounding, Math.abs(left - roughLimit(down)), Math.abs(right - roughLimit(up))),
                steepness,
                Double.isFinite(steepness));
    }

    /** What one-sided differences at h, h/2, h/4 tend to: without their terms in h and h². */
    private static double limit(double[] differences) {
        return (4 * roughLimit(differences) - (2 * differences[1] - differences[0])) / 3;
    }

    private static double roughLimit(double[] differences) {
        return 2 * differences[2] - differences[1];
    }

    /** Infinite where one is not a number. */
    private static double largest(double a, double b, double c) {
        double largest = Math.max(a, Math.max(b, c));
        return Double.isNaN(largest) ? Double.POSITIVE_INFINITY : largest;
    }
}
