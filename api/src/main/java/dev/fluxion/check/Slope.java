package dev.fluxion.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

/**
 * The derivative at 0 of a function of one number, from {@link Differences} of its values with smaller and smaller steps. A
 * narrow bend and a kink look alike from afar: the slopes to both sides differ. But at a bend they come together as the step
 * shrinks, and at a kink they do not. The first step whose estimates agree as well as wanted gives the derivative. If there
 * is none, the step whose estimates agree best is taken, if they agree well for a function as steep as this one is around it:
 * at the bottom of a narrow valley the derivative is 0, to which nothing is relative, and rounding is all that is left of it.
 *
 * @param kind what the function is like at 0
 * @param value the derivative; NaN where there is none
 * @param doubt how far off the derivative may be
 * @param left the derivative from below, of a kink
 * @param right the derivative from above, of a kink
 */
record Slope(Kind kind, double value, double doubt, double left, double right) {
    private static final double FIRST = 0x1p-7;
    private static final double SHRINK = 0x1p-3;
    private static final int TRIES = 8;
    /** The factor by which the best step may miss the requested accuracy: a weak comparison is better than none. */
    private static final double LENIENT = 10;
    /** How many times the doubt about the slopes to both sides they must differ to be a kink's. */
    private static final double CERTAIN = 10;
    /** How well a slope to one side must be known; there are no symmetric differences to know it by. */
    private static final double ONE_SIDED = 1e-3;

    /** The behaviour of a function at a place. */
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
     * @param noise a bound on the rounding error of the values
     */
    static Slope at0(DoubleUnaryOperator f, double accuracy, double floor, double noise) {
        double f0 = f.applyAsDouble(0);
        if (!Double.isFinite(f0)) {
            return none(Kind.UNDEFINED);
        }
        List<Differences> all = new ArrayList<>();
        double step = FIRST;
        for (int i = 0; i < TRIES; i++, step *= SHRINK) {
            Differences d = Differences.of(f, f0, step, noise);
            if (d.doubt() <= accuracy * Math.max(Math.abs(d.slope()), floor)) {
                return smooth(d);
            }
            all.add(d);
        }
        Differences best = best(all, Differences::doubt);
        return best.doubt() <= LENIENT * accuracy * Math.max(steepness(all), floor)
                ? smooth(best)
                : broken(best(all, Differences::doubtOfSides), accuracy, floor);
    }

    private static Differences best(List<Differences> all, ToDoubleFunction<Differences> doubt) {
        return all.stream().min(Comparator.comparingDouble(doubt)).orElseThrow();
    }

    /** How steep the function is around 0: from the largest step at which it has values. */
    private static double steepness(List<Differences> all) {
        return all.stream()
                .filter(Differences::defined)
                .findFirst()
                .map(Differences::steepness)
                .orElse(0.0);
    }

    private static Slope smooth(Differences d) {
        return new Slope(Kind.SMOOTH, d.slope(), d.doubt(), d.slope(), d.slope());
    }

    private static Slope broken(Differences d, double accuracy, double floor) {
        double size = Math.max(floor, Math.max(Math.abs(d.left()), Math.abs(d.right())));
        double doubt = d.doubtOfSides();
        if (doubt <= ONE_SIDED * size && Math.abs(d.right() - d.left()) > Math.max(accuracy * size, CERTAIN * doubt)) {
            return new Slope(Kind.KINK, Double.NaN, doubt, d.left(), d.right());
        }
        return none(d.defined() ? Kind.ROUGH : Kind.UNDEFINED);
    }

    private static Slope none(Kind kind) {
        return new Slope(kind, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    }
}
