package dev.fluxion.dsl.optim;

import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;

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
}
