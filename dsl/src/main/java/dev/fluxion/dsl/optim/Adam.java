package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.Schedule;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/**
 * Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015). At step t, m ← β₁m + (1 − β₁)g, v ← β₂v +
 * (1 − β₂)g², p ← p − lr/(1 − β₁ᵗ)·m/(√v/√(1 − β₂ᵗ) + ε). Weight decay λ adds λp to the gradient, or, decoupled,
 * multiplies p by 1 − lr·λ (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019). AMSGrad divides by the
 * root of the largest v so far (Reddi et al., "On the convergence of Adam and beyond", 2018). Its state is {@code exp_avg},
 * {@code exp_avg_sq} and, with AMSGrad, {@code max_exp_avg_sq}.
 *
 * @param learningRate lr, at least 0
 * @param beta1 β₁ in [0, 1)
 * @param beta2 β₂ in [0, 1)
 * @param eps ε, at least 0
 * @param weightDecay λ, at least 0
 * @param decoupled whether weight decay is decoupled from the gradient: AdamW
 * @param amsgrad whether to use AMSGrad
 * @param cycle a factor of β₁ by steps, {@link Schedules#constant()} by default
 */
public record Adam(
        double learningRate,
        double beta1,
        double beta2,
        double eps,
        double weightDecay,
        boolean decoupled,
        boolean amsgrad,
        Schedule cycle)
        implements Optimizer {
    /** Checks the numbers. */
    public Adam {
        Options.requireAdaptive(name(decoupled), learningRate, beta1, beta2, eps, weightDecay);
        Options.requireCycle(name(decoupled), cycle);
    }

    /** This optimizer with other decay rates of the means of the gradient and of its square. */
    public Adam betas(double first, double second) {
        return new Adam(learningRate, first, second, eps, weightDecay, decoupled, amsgrad, cycle);
    }

    /** This optimizer with another ε. */
    public Adam eps(double epsilon) {
        return new Adam(learningRate, beta1, beta2, epsilon, weightDecay, decoupled, amsgrad, cycle);
    }

    /** This optimizer with weight decay. */
    public Adam weightDecay(double lambda) {
        return new Adam(learningRate, beta1, beta2, eps, lambda, decoupled, amsgrad, cycle);
    }

    /** This optimizer with or without AMSGrad. */
    public Adam amsgrad(boolean largest) {
        return new Adam(learningRate, beta1, beta2, eps, weightDecay, decoupled, largest, cycle);
    }

    /** This optimizer with a β₁ that follows a cycle, such as {@link OneCycle#momentum}. */
    public Adam cycle(Schedule factors) {
        return new Adam(learningRate, beta1, beta2, eps, weightDecay, decoupled, amsgrad, factors);
    }

    @Override
    public Adam withoutDecay() {
        return weightDecay(0);
    }

    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        Decay decay = new Decay(weightDecay, decoupled);
        Expr g = decay.gradient(gradient, value);
        boolean fixed = cycle == Schedules.constant();
        Expr old = fixed ? Expr.constant(beta1) : state.scalar((t, lr) -> beta1(t));
        Expr fresh = fixed ? Expr.constant(1 - beta1) : state.scalar((t, lr) -> 1 - beta1(t));
        Expr mean = state.keep("exp_avg", m -> m.mul(old).add(g.mul(fresh)));
        Expr square = state.keep("exp_avg_sq", v -> v.mul(beta2).add(g.square().mul(1 - beta2)));
        Expr divisor = amsgrad ? state.keep("max_exp_avg_sq", most -> most.max(square)) : square;
        Expr rate = state.scalar((t, lr) -> lr / Bias.correction(beta1(t), t));
        Expr scale = state.scalar((t, lr) -> 1 / Math.sqrt(Bias.correction(beta2, t)));
        Expr change = mean.mul(rate).div(divisor.sqrt().mul(scale).add(eps));
        return value.sub(decay.change(change, value, state));
    }

    private double beta1(long step) {
        return Options.cycled(beta1, cycle, step);
    }

    private static String name(boolean decoupled) {
        return decoupled ? "adamW" : "adam";
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(name(decoupled), learningRate)
                + Options.betas(beta1, beta2)
                + Text.option("eps", eps, 1e-8)
                + Text.option("weightDecay", weightDecay, decoupled ? 0.01 : 0)
                + Text.option("amsgrad", amsgrad, false)
                + Text.option("cycle", cycle, Schedules.constant());
    }
}
