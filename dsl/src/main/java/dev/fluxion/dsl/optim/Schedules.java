package dev.fluxion.dsl.optim;

import dev.fluxion.Schedule;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.ir.Given;
import java.util.function.IntToDoubleFunction;

/**
 * Learning rates over the epochs, as factors of the optimizer's own rate. The first epoch is 0, as it is to the schedules of
 * PyTorch and Keras; progress lines and messages, which people read, count from 1.
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

    /** 1, and after every so many epochs γ times as much: γ^⌊epoch/every⌋. */
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

    /** From 1 to 0 in so many epochs along half a cosine, then 0 (Loshchilov and Hutter, "SGDR", 2017). */
    public static Schedule cosine(int epochs) {
        return cosine(epochs, 0);
    }

    /** From 1 to {@code least} in so many epochs along half a cosine; it stays there. */
    public static Schedule cosine(int epochs, double least) {
        Numbers.requireAtLeast("cosine", "epochs", 1, epochs);
        Numbers.requireNotNegative("cosine", "least", least);
        return epoch -> least + (1 - least) * (1 + Math.cos(Math.PI * Math.min(epoch, epochs) / epochs)) / 2;
    }

    /** From 1/epochs to 1 in equal parts over so many epochs, then 1. */
    public static Schedule warmUp(int epochs) {
        return warmUp(epochs, constant());
    }

    /** From 1/epochs to 1 in equal parts over so many epochs, times what follows, which begins anew after them. */
    public static Schedule warmUp(int epochs, Schedule then) {
        Numbers.requireAtLeast("warmUp", "epochs", 1, epochs);
        Given.require("warmUp", "what follows", then);
        return epoch -> epoch < epochs ? (epoch + 1.0) / epochs * then.factor(0) : then.factor(epoch - epochs);
    }
}
