package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/**
 * Adamax, Adam with the largest gradient in place of the root of the mean square (Kingma and Ba, "Adam: a method for
 * stochastic optimization", 2015). At step t, with g ← g + λp, m ← β₁m + (1 − β₁)g, u ← max(β₂u, |g| + ε), p ← p −
 * lr/(1 − β₁ᵗ)·m/u. Its state is {@code exp_avg} and {@code exp_inf}.
 *
 * @param learningRate lr, at least 0
 * @param beta1 β₁ in [0, 1)
 * @param beta2 β₂ in [0, 1)
 * @param eps ε, at least 0
 * @param weightDecay λ, at least 0
 */
public record Adamax(double learningRate, double beta1, double beta2, double eps, double weightDecay)
        implements Optimizer {
    /** Checks the numbers. */
    public Adamax {
        Options.requireAdaptive("adamax", learningRate, beta1, beta2, eps, weightDecay);
    }

    /** This optimizer with other decay rates of the mean and of the largest gradient. */
    public Adamax betas(double first, double second) {
        return new Adamax(learningRate, first, second, eps, weightDecay);
    }

    /** This optimizer with another ε. */
    public Adamax eps(double epsilon) {
        return new Adamax(learningRate, beta1, beta2, epsilon, weightDecay);
    }

    /** This optimizer with weight decay. */
    public Adamax weightDecay(double lambda) {
        return new Adamax(learningRate, beta1, beta2, eps, lambda);
    }

    @Override
    public Adamax withoutDecay() {
        return weightDecay(0);
    }

    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        Expr g = Decay.coupled(weightDecay).gradient(gradient, value);
        Expr mean = state.keep("exp_avg", m -> m.mul(beta1).add(g.mul(1 - beta1)));
        Expr most = state.keep("exp_inf", u -> u.mul(beta2).max(g.abs().add(eps)));
        Expr rate = state.scalar((t, lr) -> lr / Bias.correction(beta1, t));
        return value.sub(mean.mul(rate).div(most));
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call("adamax", learningRate)
                + Options.betas(beta1, beta2)
                + Text.option("eps", eps, 1e-8)
                + Text.option("weightDecay", weightDecay, 0);
    }
}
