package dev.fluxion.ir.open;

/** The fraction in lowest terms whose quotient is a floating-point number: its convergents are tried. */
final class Fraction {
    private static final int MOST_STEPS = 40;
    private static final double LARGEST = 1L << 53;

    private Fraction() {}

    /** Numerator and denominator; 0 and 0 if there are none below 2⁵³. */
    static long[] of(double value) {
        long above = 1;
        long below = 0;
        long aboveBefore = 0;
        long belowBefore = 1;
        double rest = value;
        for (int i = 0; i < MOST_STEPS && Math.abs(rest) < LARGEST; i++) {
            long whole = (long) Math.floor(rest);
            if (Math.abs((double) whole * above + aboveBefore) >= LARGEST || (double) whole * below >= LARGEST) {
                break;
            }
            long nextAbove = whole * above + aboveBefore;
            long nextBelow = whole * below + belowBefore;
            aboveBefore = above;
            belowBefore = below;
            above = nextAbove;
            below = nextBelow;
            if (below > 0 && (double) above / below == value) {
                return new long[] {above, below};
            }
            rest = 1 / (rest - whole);
        }
        return new long[2];
    }
}
