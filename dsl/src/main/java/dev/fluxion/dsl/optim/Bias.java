package dev.fluxion.dsl.optim;

/** What a running mean that starts at 0 lacks. */
final class Bias {
    private Bias() {}

    /** The sum of a mean's weights after some steps: 1 − βᵗ. */
    static double correction(double beta, long step) {
        return 1 - Math.pow(beta, (double) step);
    }
}
