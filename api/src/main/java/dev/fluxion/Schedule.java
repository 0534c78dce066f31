package dev.fluxion;

import java.util.Map;

/**
 * The learning rate as a function of the epoch, or of the step: the optimizer's own rate times a factor.
 *
 * <p>A schedule is immutable. One that follows the values of an evaluation tells by {@link #after} what it becomes behind it.
 */
@FunctionalInterface
public interface Schedule {
    /** What a schedule counts. */
    enum Unit {
        /** Passes over the data. */
        EPOCH,
        /** Updates. */
        STEP
    }

    /** The factor of an epoch, or of a step, counted from 0. */
    double factor(int index);

    /** What the index counts: epochs, unless the schedule goes {@link #bySteps}. */
    default Unit unit() {
        return Unit.EPOCH;
    }

    /**
     * The schedule behind an epoch.
     *
     * @param values the values of the epoch by name: those of the metrics, and {@code loss}, the mean loss in training, unless
     *     a metric has that name
     */
    default Schedule after(Map<String, Double> values) {
        return this;
    }

    /** This schedule with its index counting steps, that is updates, instead of epochs. */
    default Schedule bySteps() {
        return new ScheduleBySteps(this);
    }

    /**
     * This schedule up to an index, from there on another one, which counts from 0 again.
     *
     * @throws IllegalArgumentException if the index is negative, or one counts epochs and the other one steps
     */
    default Schedule then(int index, Schedule next) {
        return new ScheduleSequence(this, index, next);
    }

    /**
     * The product of this schedule and another one.
     *
     * @throws IllegalArgumentException if one counts epochs and the other one steps
     */
    default Schedule times(Schedule other) {
        return new ScheduleProduct(this, other);
    }
}
