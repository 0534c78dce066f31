package dev.fluxion.dsl.optim;

import dev.fluxion.Schedule;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Given;

/** Checks and texts of the options that optimizers share. */
final class Options {
    private Options() {}

    static void requireRate(String name, double learningRate, double eps, double weightDecay) {
        Numbers.requireNotNegative(name, "the learning rate", learningRate);
        Numbers.requireNotNegative(name, "eps", eps);
        Numbers.requireNotNegative(name, "weightDecay", weightDecay);
    }

    static void requireAdaptive(
            String name, double learningRate, double beta1, double beta2, double eps, double weightDecay) {
        requireRate(name, learningRate, eps, weightDecay);
        Numbers.requireFraction(name, "beta1", beta1);
        Numbers.requireFraction(name, "beta2", beta2);
    }

    static String betas(double beta1, double beta2) {
        return beta1 == 0.9 && beta2 == 0.999 ? "" : "." + Text.call("betas", beta1, beta2);
    }

    /** Requires that the factors of a momentum are given for steps, which are all that a rule knows. */
    static void requireCycle(String name, Schedule cycle) {
        Given.require(name, "the cycle", cycle);
        if (cycle != Schedules.constant() && cycle.unit() != Schedule.Unit.STEP) {
            throw new IllegalArgumentException(Errors.cycleByEpochs(name, cycle));
        }
    }

    /** A number times the factor of the step, counted from 0. */
    static double cycled(double number, Schedule cycle, long step) {
        return number * cycle.factor((int) (step - 1));
    }
}
