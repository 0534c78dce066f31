package dev.fluxion.dsl.optim;

/** The optimizers, with PyTorch's formulas and names of state. */
public final class Optimizers {
    private Optimizers() {}

    /** Stochastic gradient descent, without momentum and weight decay by default. */
    public static Sgd sgd(double learningRate) {
        return new Sgd(learningRate, 0, 0, false, 0);
    }

    /** Adam with β 0.9 and 0.999, ε 1e−8 and no weight decay. */
    public static Adam adam(double learningRate) {
        return new Adam(learningRate, 0.9, 0.999, 1e-8, 0, false);
    }

    /** Adam with decoupled weight decay 0.01, β 0.9 and 0.999 and ε 1e−8. */
    public static Adam adamW(double learningRate) {
        return new Adam(learningRate, 0.9, 0.999, 1e-8, 0.01, true);
    }
}
