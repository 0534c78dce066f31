package dev.fluxion.dsl.optim;

/** The optimizers, with PyTorch's formulas, defaults and names of state. */
public final class Optimizers {
    private Optimizers() {}

    /** Stochastic gradient descent, without momentum and weight decay by default. */
    public static Sgd sgd(double learningRate) {
        return new Sgd(learningRate, 0, 0, false, 0, Schedules.constant());
    }

    /** Adam with β 0.9 and 0.999, ε 1e−8 and no weight decay. */
    public static Adam adam(double learningRate) {
        return new Adam(learningRate, 0.9, 0.999, 1e-8, 0, false, false, Schedules.constant());
    }

    /** Adam with decoupled weight decay 0.01, β 0.9 and 0.999 and ε 1e−8. */
    public static Adam adamW(double learningRate) {
        return new Adam(learningRate, 0.9, 0.999, 1e-8, 0.01, true, false, Schedules.constant());
    }

    /** Adam for tables of vectors of which a step reads few, with β 0.9 and 0.999 and ε 1e−8. */
    public static SparseAdam sparseAdam(double learningRate) {
        return new SparseAdam(learningRate, 0.9, 0.999, 1e-8);
    }

    /** Adamax with β 0.9 and 0.999, ε 1e−8 and no weight decay. */
    public static Adamax adamax(double learningRate) {
        return new Adamax(learningRate, 0.9, 0.999, 1e-8, 0);
    }

    /** Adam with Nesterov's momentum, β 0.9 and 0.999, ε 1e−8, momentum decay 0.004 and no weight decay. */
    public static NAdam nAdam(double learningRate) {
        return new NAdam(learningRate, 0.9, 0.999, 1e-8, 0, false, 0.004);
    }

    /** Rectified Adam with β 0.9 and 0.999, ε 1e−8 and no weight decay. */
    public static RAdam rAdam(double learningRate) {
        return new RAdam(learningRate, 0.9, 0.999, 1e-8, 0, false);
    }

    /** Adagrad with ε 1e−10, without decay of the learning rate or the weights. */
    public static Adagrad adagrad(double learningRate) {
        return new Adagrad(learningRate, 0, 0, 1e-10, 0);
    }

    /** Adadelta with ρ 0.9, ε 1e−6 and no weight decay; its learning rate is usually 1. */
    public static Adadelta adadelta(double learningRate) {
        return new Adadelta(learningRate, 0.9, 1e-6, 0);
    }

    /** RMSprop with α 0.99 and ε 1e−8, without momentum and weight decay. */
    public static RmsProp rmsProp(double learningRate) {
        return new RmsProp(learningRate, 0.99, 1e-8, 0, false, 0);
    }

    /** Resilient backpropagation with factors 0.5 and 1.2 and step sizes from 1e−6 to 50. */
    public static Rprop rprop(double learningRate) {
        return new Rprop(learningRate, 0.5, 1.2, 1e-6, 50);
    }

    /** Lion with β 0.9 and 0.99 and no weight decay. */
    public static Lion lion(double learningRate) {
        return new Lion(learningRate, 0.9, 0.99, 0);
    }

    /** Averaged stochastic gradient descent with λ 1e−4, α 0.75 and a mean that begins behind a million steps. */
    public static Asgd asgd(double learningRate) {
        return new Asgd(learningRate, 1e-4, 0.75, 1e6, 0);
    }

    /**
     * Muon for matrices with momentum 0.95 of Nesterov's kind, weight decay 0.1 and five iterations with (3.4445, −4.7750,
     * 2.0315); other parameters have AdamW with learning rate 3e−4, β 0.9 and 0.95, ε 1e−10 and no weight decay.
     */
    public static Muon muon(double learningRate) {
        return new Muon(learningRate, 0.95, true, 0.1, Muon.COEFFICIENTS, 5, 1e-7, false, Muon.OTHERS);
    }

    /** Adafactor with β −0.8, ε 2⁻²³ and 1e−3, d 1 and no weight decay; its learning rate is usually 1e−2. */
    public static Adafactor adafactor(double learningRate) {
        return new Adafactor(learningRate, -0.8, Adafactor.EPS, 1e-3, 1, 0);
    }

    /**
     * L-BFGS with 20 iterations and a quarter more evaluations a step, tolerances 1e−7 of the gradient and 1e−9 of changes, a history of
     * 100 and no search; its learning rate is usually 1.
     */
    public static Lbfgs lbfgs(double learningRate) {
        return new Lbfgs(learningRate, 20, 0, 1e-7, 1e-9, 100, false);
    }
}
