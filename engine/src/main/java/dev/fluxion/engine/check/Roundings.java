package dev.fluxion.engine.check;

import dev.fluxion.ir.UnaryFn;

/** How many times a number is rounded while it is computed, in units of half a last place, relative to the number. */
final class Roundings {
    /** Half a unit in the last place of a float32. */
    static final double U = 0x1p-24;
    /** Of an arithmetic operation: one, and one for what may be fused with it. */
    static final double ARITHMETIC = 2;
    /** Of weights, their factor and what is taken off their products, where these are multiplied before they meet. */
    static final double FOLDED = 3;
    /** Of functions that are computed in Java, or as exactly. */
    static final double FUNCTION = 4;
    /** Of exponential functions, which kernels approximate. */
    static final double APPROXIMATE = 8;
    /** Of a long sum per root of the number of terms. */
    private static final double LONG_SUM = 8;

    private Roundings() {}

    /** Those of a function, each as large as the results: absolute where these are differences of larger numbers. */
    static double of(UnaryFn fn, double x, double size) {
        return switch (fn.exactness()) {
            case EXACT -> 0;
            case ARITHMETIC -> ARITHMETIC * size;
            case FUNCTION -> FUNCTION * size;
            case APPROXIMATE -> APPROXIMATE * size;
            case BESIDE_ONE -> APPROXIMATE * (size + 1);
            case BESIDE_OPERAND -> APPROXIMATE * (size + Math.abs(x));
        };
    }

    /** So many of a number that may be off before; infinities are exact. */
    static double of(double count, double value, double error) {
        return Double.isInfinite(value) ? 0 : count * U * (Math.abs(value) + error);
    }

    /**
     * What the sum of n terms, in any order, is off by, relative to the sum of their sizes: n roundings (Higham, "Accuracy and
     * Stability of Numerical Algorithms", 2002, §4.2), or √n with room to spare where that is less (Higham and Mary, "A New
     * Approach to Probabilistic Rounding Error Analysis", 2019).
     */
    static double sum(double terms) {
        return U * Math.min(terms, LONG_SUM * Math.sqrt(terms));
    }
}
