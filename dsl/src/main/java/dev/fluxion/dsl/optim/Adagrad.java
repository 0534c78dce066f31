package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/**
 * Adagrad (Duchi et al., "Adaptive subgradient methods for online learning and stochastic optimization", 2011). At step t, with
 * g ← g + λp, s ← s + g², p ← p − lr/(1 + (t − 1)η)·g/(√s + ε). Its state is {@code sum}.
 *
 * @param learningRate lr, at least 0
 * @param rateDecay η, at least 0
 * @param initial s before the first step, at least 0
 * @param eps ε, at least 0
 * @param weightDecay λ, at least 0
 */
public record Adagrad(double learningRate, double rateDecay, double initial, double eps, double weightDecay)
        implements Optimizer {
    private static final String NAME = "adagrad";

    /** Checks the numbers. */
    public Adagrad {
        Options.requireRate(NAME, learningRate, eps, weightDecay);
        Numbers.requireNotNegative(NAME, "rateDecay", rateDecay);
        Numbers.requireNotNegative(NAME, "initial", initial);
    }

    /** This optimizer with a learning rate that decays from step to step. */
    public Adagrad rateDecay(double eta) {
        return new Adagrad(learningRate, eta, initial, eps, weightDecay);
    }

    /** This optimizer with another sum of squares before the first step. */
    public Adagrad initial(double sum) {
        return new Adagrad(learningRate, rateDecay, sum, eps, weightDecay);
    }

    /** This optimizer with another ε. */
    public Adagrad eps(double epsilon) {
        return new Adagrad(learningRate, rateDecay, initial, epsilon, weightDecay);
    }

    /** This optimizer with weight decay. */
    public Adagrad weightDecay(double lambda) {
        return new Adagrad(learningRate, rateDecay, initial, eps, lambda);
    }

    @Override
    public Adagrad withoutDecay() {
        return weightDecay(0);
    }

    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        Expr g = Decay.coupled(weightDecay).gradient(gradient, value);
        Expr sum = state.keep("sum", s -> started(s, state).add(g.square()));
        Expr rate = state.scalar((t, lr) -> lr / (1 + (t - 1) * rateDecay));
        return value.sub(g.mul(rate).div(sum.sqrt().add(eps)));
    }

    private Expr started(Expr sum, Update.State state) {
        return initial == 0 ? sum : sum.add(state.scalar((t, lr) -> t == 1 ? initial : 0));
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(NAME, learningRate)
                + Text.option("rateDecay", rateDecay, 0)
                + Text.option("initial", initial, 0)
                + Text.option("eps", eps, 1e-10)
                + Text.option("weightDecay", weightDecay, 0);
    }
}
