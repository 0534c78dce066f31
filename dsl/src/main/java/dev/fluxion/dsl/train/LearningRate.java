package dev.fluxion.dsl.train;

import dev.fluxion.Schedule;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.dsl.lint.Check;
import dev.fluxion.dsl.lint.Finding;
import dev.fluxion.ir.Given;

/** The learning rate of a run: the optimizer's own one times the factor of the schedule, which may follow values of epochs. */
final class LearningRate {
    /** A warm-up may begin with a step at 0, and a schedule may end with one. */
    private static final int SEVERAL_STEPS = 10;

    private final double base;
    private final int epochs;
    private Schedule schedule;
    /** How many epochs or steps in a row had the learning rate 0. */
    private int zeros;

    LearningRate(Schedule schedule, double base, int epochs) {
        this.schedule = checked(schedule);
        this.base = base;
        this.epochs = epochs;
    }

    /** Before an epoch. */
    void epoch(Training training, int epoch) {
        if (schedule.unit() == Schedule.Unit.EPOCH) {
            set(training, epoch, Errors.factor(epoch, epochs));
        }
    }

    /** Before a step of an epoch. */
    void step(Training training, int epoch) {
        if (schedule.unit() == Schedule.Unit.STEP) {
            int step = (int) Math.min(training.steps(), Integer.MAX_VALUE);
            set(training, step, Errors.factorOfStep(step, epoch, epochs));
        }
    }

    private void set(Training training, int index, String what) {
        double factor = schedule.factor(index);
        Numbers.requireNotNegative("trainer", what, factor);
        training.learningRate(base * factor);
        zeros = training.learningRate() == 0 ? zeros + 1 : 0;
        if (zeros == (schedule.unit() == Schedule.Unit.EPOCH ? 1 : SEVERAL_STEPS)) {
            training.findings()
                    .tell(new Finding(
                            Check.ZERO_LEARNING_RATE,
                            "trainer",
                            Errors.zeroLearningRate(what, schedule.unit()),
                            Errors.otherSchedule()));
        }
    }

    /** Behind an epoch. */
    void after(TrainingListener.Epoch report) {
        schedule = checked(schedule.after(report.values()));
    }

    /** A schedule may be users' code. */
    private static Schedule checked(Schedule given) {
        Given.require("trainer", "what the schedule becomes behind an epoch", given);
        Given.require(Text.of(given), "the unit of the schedule", given.unit());
        return given;
    }
}
