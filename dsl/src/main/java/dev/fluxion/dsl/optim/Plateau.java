package dev.fluxion.dsl.optim;

import dev.fluxion.Schedule;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Given;
import java.util.Map;

/**
 * Lowers the rate where a value has not become better for some epochs. It counts epochs, and depends on the values of all
 * epochs before: {@link #after} gives the schedule behind an epoch.
 *
 * @param value the name of the value: {@code loss}, the mean loss in training, or a metric of the evaluation
 * @param largest whether larger values are better
 * @param by the factor by which the rate is lowered, in [0, 1)
 * @param patience for so many epochs without a better value nothing happens
 * @param threshold how much better a value must be to count
 * @param relative whether the threshold is a part of the best value
 * @param coolDown for so many epochs after the rate was lowered nothing is counted
 * @param least the smallest factor, at least 0
 * @param seen what it has seen so far
 */
public record Plateau(
        String value,
        boolean largest,
        double by,
        int patience,
        double threshold,
        boolean relative,
        int coolDown,
        double least,
        Seen seen)
        implements Schedule {
    private static final String NAME = "plateau";

    /**
     * What a schedule has seen.
     *
     * @param best the best value, NaN before the first one
     * @param bad the number of epochs since, but for those in which nothing is counted
     * @param cooling in so many epochs from here nothing is counted
     * @param factor the factor of the rate
     */
    public record Seen(double best, int bad, int cooling, double factor) {
        static final Seen NOTHING = new Seen(Double.NaN, 0, 0, 1);
    }

    /** Checks the numbers. */
    public Plateau {
        Given.require(NAME, "the name of the value", value);
        Given.require(NAME, "what it has seen", seen);
        Numbers.requireFraction(NAME, "by", by);
        Numbers.requireAtLeast(NAME, "patience", 0, patience);
        Numbers.requireNotNegative(NAME, "threshold", threshold);
        Numbers.requireAtLeast(NAME, "coolDown", 0, coolDown);
        Numbers.requireNotNegative(NAME, "least", least);
    }

    /** This schedule for a value of which larger ones are better, such as an accuracy. */
    public Plateau largest(boolean best) {
        return new Plateau(value, best, by, patience, threshold, relative, coolDown, least, seen);
    }

    /** This schedule with another factor by which the rate is lowered. */
    public Plateau by(double factor) {
        return new Plateau(value, largest, factor, patience, threshold, relative, coolDown, least, seen);
    }

    /** This schedule with another number of epochs for which nothing happens. */
    public Plateau patience(int epochs) {
        return new Plateau(value, largest, by, epochs, threshold, relative, coolDown, least, seen);
    }

    /** This schedule counting a value only where it is better by a part of the best one. */
    public Plateau threshold(double part) {
        return new Plateau(value, largest, by, patience, part, true, coolDown, least, seen);
    }

    /** This schedule counting a value only where it is better by a number. */
    public Plateau difference(double number) {
        return new Plateau(value, largest, by, patience, number, false, coolDown, least, seen);
    }

    /** This schedule with epochs behind each change in which nothing is counted. */
    public Plateau coolDown(int epochs) {
        return new Plateau(value, largest, by, patience, threshold, relative, epochs, least, seen);
    }

    /** This schedule with a smallest factor. */
    public Plateau least(double factor) {
        return new Plateau(value, largest, by, patience, threshold, relative, coolDown, factor, seen);
    }

    @Override
    public double factor(int epoch) {
        return seen.factor;
    }

    /**
     * The schedule behind an epoch.
     *
     * @throws IllegalArgumentException if the epoch has no value of the name
     */
    @Override
    public Plateau after(Map<String, Double> values) {
        Double now = values.get(value);
        if (now == null) {
            throw new IllegalArgumentException(Errors.noValue(this, value, values.keySet()));
        }
        boolean better = isBetter(now);
        double best = better ? now : seen.best;
        int bad = better || seen.cooling > 0 ? 0 : seen.bad + 1;
        int cooling = Math.max(0, seen.cooling - 1);
        Seen next = bad > patience
                ? new Seen(best, 0, coolDown, Math.max(seen.factor * by, least))
                : new Seen(best, bad, cooling, seen.factor);
        return new Plateau(value, largest, by, patience, threshold, relative, coolDown, least, next);
    }

    private boolean isBetter(double now) {
        if (Double.isNaN(seen.best)) {
            return !Double.isNaN(now);
        }
        double more = relative ? threshold * seen.best : threshold;
        return largest ? now > seen.best + more : now < seen.best - more;
    }

    /** The schedule as the user wrote it. */
    @Override
    public String toString() {
        return NAME + "(\"" + value + "\")"
                + Text.option("largest", largest, false)
                + Text.option("by", by, 0.1)
                + Text.option("patience", patience, 10)
                + (relative ? Text.option("threshold", threshold, 1e-4) : "." + Text.call("difference", threshold))
                + Text.option("coolDown", coolDown, 0)
                + Text.option("least", least, 0);
    }
}
