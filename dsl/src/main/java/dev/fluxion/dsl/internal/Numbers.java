package dev.fluxion.dsl.internal;

/** Checks of the numbers of losses, optimizers and schedules. */
public final class Numbers {
    private Numbers() {}

    public static void requireFinite(String what, String argument, double x) {
        require(Double.isFinite(x), what, argument, "finite", x);
    }

    public static void requireNotNegative(String what, String argument, double x) {
        require(x >= 0 && Double.isFinite(x), what, argument, "finite and at least 0", x);
    }

    public static void requireFraction(String what, String argument, double x) {
        require(x >= 0 && x < 1, what, argument, "in [0, 1)", x);
    }

    public static void requirePositive(String what, String argument, double x) {
        require(x > 0 && Double.isFinite(x), what, argument, "finite and above 0", x);
    }

    public static void requireProbability(String what, String argument, double x) {
        require(x >= 0 && x <= 1, what, argument, "in [0, 1]", x);
    }

    public static void requireAtLeast(String what, String argument, int least, int x) {
        require(x >= least, what, argument, "at least " + least, x);
    }

    /** Requires anything else. */
    public static void require(boolean holds, String what, String argument, String expected, double x) {
        if (!holds) {
            throw new IllegalArgumentException(Errors.badOption(what, argument, expected, x));
        }
    }
}
