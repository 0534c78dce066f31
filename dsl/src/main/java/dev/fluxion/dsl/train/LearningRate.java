package dev.fluxion.dsl.train;

import dev.fluxion.Schedule;
import dev.fluxion.dsl.internal.Numbers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The learning rate of a run: the optimizer's own one times the factor of the schedule, which may follow values of epochs. */
final class LearningRate {
    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

    private final double base;
    private final int epochs;
    private Schedule schedule;
    private boolean warned;

    LearningRate(Schedule schedule, double base, int epochs) {
        this.schedule = schedule;
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
        if (training.learningRate() == 0 && !warned) {
            LOG.warn(Errors.zeroLearningRate(what, schedule.unit()));
            warned = true;
        }
    }

    /** Behind an epoch. */
    void after(TrainingListener.Epoch report) {
        schedule = schedule.after(report.values());
    }
}
