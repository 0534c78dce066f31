package dev.fluxion.dsl.optim;

import dev.fluxion.Schedule;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.ir.Given;
import java.util.function.IntToDoubleFunction;

/**
 * Learning rates over the epochs, as factors of the optimizer's own rate. Schedules count epochs from 0, as those of
 * PyTorch and Keras do; progress lines and messages count from 1.
 */
public final class Schedules {
    private Schedules() {}

    /** 1 in every epoch. */
    public static Schedule constant() {
        return epoch -> 1;
    }

    /** Any function of the epoch. Mind that {@code e -> e / 2} divides integers: 0, 0, 1, 1, 2 …. */
    public static Schedule lambda(IntToDoubleFunction factor) {
        return Given.require("lambda", "the factor", factor)::applyAsDouble;
    }

    /** Multiplies the rate by γ after every {@code every} epochs: γ^⌊epoch/every⌋. */
    public static Schedule step(int every, double gamma) {
        Numbers.requireAtLeast("step", "every", 1, every);
        Numbers.requireNotNegative("step", "gamma", gamma);
        return epoch -> Math.pow(gamma, Math.floorDiv(epoch, every));
    }

    /** γ to the power of the epoch. */
    public static Schedule exponential(double gamma) {
        Numbers.requireNotNegative("exponential", "gamma", gamma);
        return epoch -> Math.pow(gamma, epoch);
    }

    /** From 1 to 0 over {@code epochs} epochs along half a cosine, then 0 (Loshchilov and Hutter, "SGDR", 2017). */
    public static Schedule cosine(int epochs) {
        return cosine(epochs, 0);
    }

    /** From 1 to {@code least} over {@code epochs} epochs along half a cosine, then {@code least}. */
    public static Schedule cosine(int epochs, double least) {
        Numbers.requireAtLeast("cosine", "epochs", 1, epochs);
        Numbers.requireNotNegative("cosine", "least", least);
        return epoch -> least + (1 - least) * (1 + Math.cos(Math.PI * Math.min(epoch, epochs) / epochs)) / 2;
    }

    /** From 1/epochs to 1 linearly over {@code epochs} epochs, then 1. */
    public static Schedule warmUp(int epochs) {
        return warmUp(epochs, constant());
    }

    /**
     * From 1/epochs to 1 linearly over {@code epochs} epochs, times the first factor of {@code then}; after them
     * {@code then} from its epoch 0.
     */
    public static Schedule warmUp(int epochs, Schedule then) {
        Numbers.requireAtLeast("warmUp", "epochs", 1, epochs);
        Given.require("warmUp", "what follows", then);
        return epoch -> epoch < epochs ? (epoch + 1.0) / epochs * then.factor(0) : then.factor(epoch - epochs);
    }
}
