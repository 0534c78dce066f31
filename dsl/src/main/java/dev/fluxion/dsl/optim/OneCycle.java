package dev.fluxion.dsl.optim;

import dev.fluxion.Schedule;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;

/**
 * One cycle over all steps of a training: the factor goes up from 1/div to 1, and down to 1/(div·last) (Smith and Topin,
 * "Super-convergence", 2018). In three phases it goes down to 1/div as fast as it went up, and further down from there. Behind
 * the last step it stays.
 *
 * @param steps the number of steps, at least 1
 * @param up the part of the steps in which the factor goes up, in [0, 1]
 * @param div how many times smaller the first factor is, above 0
 * @param last how many times smaller still the last one is, above 0
 * @param linear whether it goes along lines in place of half cosines
 * @param threePhases whether to go down in two phases
 */
public record OneCycle(int steps, double up, double div, double last, boolean linear, boolean threePhases)
        implements Schedule {
    private static final String NAME = "oneCycle";

    /** Checks the numbers. */
    public OneCycle {
        Numbers.requireAtLeast(NAME, "the number of steps", 1, steps);
        Numbers.requireProbability(NAME, "up", up);
        Numbers.requirePositive(NAME, "div", div);
        Numbers.requirePositive(NAME, "last", last);
    }

    /** This schedule with another part of the steps in which the factor goes up. */
    public OneCycle up(double part) {
        return new OneCycle(steps, part, div, last, linear, threePhases);
    }

    /** This schedule with another first factor: 1/div. */
    public OneCycle div(double by) {
        return new OneCycle(steps, up, by, last, linear, threePhases);
    }

    /** This schedule with another last factor: 1/(div·last). */
    public OneCycle last(double by) {
        return new OneCycle(steps, up, div, by, linear, threePhases);
    }

    /** This schedule along lines, or along half cosines. */
    public OneCycle linear(boolean straight) {
        return new OneCycle(steps, up, div, last, straight, threePhases);
    }

    /** This schedule in three phases, or in two. */
    public OneCycle threePhases(boolean three) {
        return new OneCycle(steps, up, div, last, linear, three);
    }

    @Override
    public Unit unit() {
        return Unit.STEP;
    }

    @Override
    public double factor(int index) {
        return along(index, 1 / div, 1, 1 / div / last);
    }

    /**
     * The factors of a momentum that moves against the rate, from 1 down to {@code least} and back: for {@link Sgd#cycle} and
     * {@link Adam#cycle}.
     */
    public Schedule momentum(double least) {
        Numbers.requireProbability(NAME, "the least momentum", least);
        return new Formula(this + ".momentum(" + Text.number(least) + ")", i -> along(i, 1, least, 1)).bySteps();
    }

    /** From the first number to the peak, back, and to the last one, as far as the step says. */
    private double along(int index, double first, double peak, double end) {
        double at = Math.min(index, steps - 1);
        double top = up * steps - 1;
        double bottom = threePhases ? 2 * up * steps - 2 : steps - 1;
        if (at <= top) {
            return between(first, peak, top > 0 ? at / top : 1);
        }
        if (at <= bottom) {
            return between(peak, threePhases ? first : end, (at - top) / (bottom - top));
        }
        return between(first, end, (at - bottom) / (steps - 1 - bottom));
    }

    private double between(double from, double to, double part) {
        return linear ? from + (to - from) * part : Schedules.halfCosine(from, to, part);
    }

    /** The schedule as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(NAME, steps)
                + Text.option("up", up, 0.3)
                + Text.option("div", div, 25)
                + Text.option("last", last, 1e4)
                + Text.option("linear", linear, false)
                + Text.option("threePhases", threePhases, false);
    }
}
