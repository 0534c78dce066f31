package dev.fluxion.dsl.optim;

import dev.fluxion.Schedule;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;

/**
 * Cycles between two factors, along lines (Smith, "Cyclical learning rates for training neural networks", 2017): from {@code
 * least} up to 1 and down again.
 *
 * @param least the smallest factor, at least 0
 * @param up the steps from there to the largest one, at least 1
 * @param down the steps back, at least 1
 * @param halving whether each cycle is half as high as the one before it
 * @param gamma γ, by which the height shrinks from step to step: γ^step, at least 0
 */
public record Cyclic(double least, int up, int down, boolean halving, double gamma) implements Schedule {
    private static final String NAME = "cyclic";

    /** Checks the numbers. */
    public Cyclic {
        Numbers.requireNotNegative(NAME, "the smallest factor", least);
        Numbers.requireAtLeast(NAME, "up", 1, up);
        Numbers.requireAtLeast(NAME, "down", 1, down);
        Numbers.requireNotNegative(NAME, "gamma", gamma);
    }

    /** This schedule with another number of steps downwards. */
    public Cyclic down(int steps) {
        return new Cyclic(least, up, steps, halving, gamma);
    }

    /** This schedule with each cycle half as high as the one before it, or not. */
    public Cyclic halving(boolean half) {
        return new Cyclic(least, up, down, half, gamma);
    }

    /** This schedule with a height that shrinks from step to step. */
    public Cyclic gamma(double factor) {
        return new Cyclic(least, up, down, halving, factor);
    }

    @Override
    public Unit unit() {
        return Unit.STEP;
    }

    @Override
    public double factor(int index) {
        return least + (1 - least) * height(index);
    }

    /**
     * The factors of a momentum that moves against the rate, from 1 down to {@code smallest} and back: for {@link Sgd#cycle}
     * and {@link Adam#cycle}.
     */
    public Schedule momentum(double smallest) {
        Numbers.requireProbability(NAME, "the least momentum", smallest);
        return new Formula(this + ".momentum(" + Text.number(smallest) + ")", i -> 1 - (1 - smallest) * height(i))
                .bySteps();
    }

    private double height(int index) {
        int length = up + down;
        int cycle = index / length;
        int at = index % length;
        double height = at <= up ? (double) at / up : (double) (length - at) / down;
        return height * (halving ? Math.pow(0.5, cycle) : 1) * Math.pow(gamma, index);
    }

    /** The schedule as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(NAME, least, up)
                + Text.option("down", down, up)
                + Text.option("halving", halving, false)
                + Text.option("gamma", gamma, 1);
    }
}
