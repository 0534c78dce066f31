package dev.fluxion.check;

import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

/**
 * The derivative at 0 of a function of one number, from differences of its values: central differences at three step
 * sizes, extrapolated twice (Richardson). Where the estimates do not agree or the one-sided derivatives differ, the steps
 * are made smaller, to get away from a kink or a pole nearby; where that does not help, there is no derivative.
 */
final class Slope {
    private static final double FIRST = 0x1p-7;
    private static final double SHRINK = 0x1p-3;
    private static final int TRIES = 4;

    private Slope() {}

    /**
     * The derivative at 0.
     *
     * @param f the function, its argument scaled so that 1 is a large change; NaN where it has no value
     * @param accuracy the relative accuracy to reach
     * @param floor the size below which a derivative counts as small, and accuracy is relative to this instead
     * @return empty where the function is not smooth
     */
    static OptionalDouble at0(DoubleUnaryOperator f, double accuracy, double floor) {
        double f0 = f.applyAsDouble(0);
        double step = FIRST;
        for (int i = 0; i < TRIES; i++, step *= SHRINK) {
            double[] slope = new double[3];
            double[] bend = new double[3];
            for (int k = 0; k < 3; k++) {
                double h = step / (1 << k);
                double up = f.applyAsDouble(h);
                double down = f.applyAsDouble(-h);
                slope[k] = (up - down) / (2 * h);
                bend[k] = (up - f0 - (f0 - down)) / h;
            }
            double rough = (4 * slope[2] - slope[1]) / 3;
            double fine = (16 * rough - (4 * slope[1] - slope[0]) / 3) / 15;
            // The right derivative minus the left one: bend without its terms in h and h³.
            double jump = (8 * (2 * bend[2] - bend[1]) - (2 * bend[1] - bend[0])) / 7;
            double limit = accuracy * Math.max(Math.abs(fine), floor);
            if (Math.abs(fine - rough) <= limit && Math.abs(jump) <= 10 * limit) {
                return OptionalDouble.of(fine);
            }
        }
        return OptionalDouble.empty();
    }
}
