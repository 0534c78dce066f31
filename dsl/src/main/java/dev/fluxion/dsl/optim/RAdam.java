package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/**
 * Rectified Adam (Liu et al., "On the variance of the adaptive learning rate and beyond", 2020). With m and v of {@link Adam},
 * ρ∞ = 2/(1 − β₂) − 1 and ρ = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ) at step t: p ← p − lr/(1 − β₁ᵗ)·m while ρ ≤ 5, later p ← p − lr/(1 −
 * β₁ᵗ)·r·m·√(1 − β₂ᵗ)/(√v + ε), where r² = (ρ − 4)(ρ − 2)ρ∞/((ρ∞ − 4)(ρ∞ − 2)ρ). Weight decay λ adds λp to the gradient, or,
 * decoupled, multiplies p by 1 − lr·λ. Its state is {@code exp_avg} and {@code exp_avg_sq}.
 *
 * @param learningRate lr, at least 0
 * @param beta1 β₁ in [0, 1)
 * @param beta2 β₂ in [0, 1)
 * @param eps ε, at least 0
 * @param weightDecay λ, at least 0
 * @param decoupled whether weight decay is decoupled from the gradient
 */
public record RAdam(double learningRate, double beta1, double beta2, double eps, double weightDecay, boolean decoupled)
        implements Optimizer {
    /** Checks the numbers. */
    public RAdam {
        Options.requireAdaptive("rAdam", learningRate, beta1, beta2, eps, weightDecay);
    }

    /** This optimizer with other decay rates of the means of the gradient and of its square. */
    public RAdam betas(double first, double second) {
        return new RAdam(learningRate, first, second, eps, weightDecay, decoupled);
    }

    /** This optimizer with another ε. */
    public RAdam eps(double epsilon) {
        return new RAdam(learningRate, beta1, beta2, epsilon, weightDecay, decoupled);
    }

    /** This optimizer with weight decay. */
    public RAdam weightDecay(double lambda) {
        return new RAdam(learningRate, beta1, beta2, eps, lambda, decoupled);
    }

    /** This optimizer with weight decay apart from the gradient, or as part of it. */
    public RAdam decoupled(boolean apart) {
        return new RAdam(learningRate, beta1, beta2, eps, weightDecay, apart);
    }

    @Override
    public RAdam withoutDecay() {
        return weightDecay(0);
    }

    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        Decay decay = new Decay(weightDecay, decoupled);
        Expr g = decay.gradient(gradient, value);
        Expr mean = state.keep("exp_avg", m -> m.mul(beta1).add(g.mul(1 - beta1)));
        Expr square = state.keep("exp_avg_sq", v -> v.mul(beta2).add(g.square().mul(1 - beta2)));
        Expr rate = state.scalar((t, lr) -> lr / Bias.correction(beta1, t));
        Expr rectified = state.scalar((t, lr) -> rectification(t) > 0 ? 1 : 0);
        Expr scale = state.scalar((t, lr) -> rectification(t) * Math.sqrt(Bias.correction(beta2, t)));
        Expr step = mean.mul(rate);
        Expr adapted = step.mul(scale).div(square.sqrt().add(eps));
        return value.sub(decay.change(rectified.where(adapted, step), value, state));
    }

    /** r, or 0 while there are too few gradients for it. */
    private double rectification(long step) {
        double most = 2 / (1 - beta2) - 1;
        double rho = most - 2 * step * Math.pow(beta2, (double) step) / Bias.correction(beta2, step);
        return rho > 5 ? Math.sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho)) : 0;
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call("rAdam", learningRate)
                + Options.betas(beta1, beta2)
                + Text.option("eps", eps, 1e-8)
                + Text.option("weightDecay", weightDecay, 0)
                + Text.option("decoupled", decoupled, false);
    }
}
