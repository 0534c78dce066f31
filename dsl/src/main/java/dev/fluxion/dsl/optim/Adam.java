package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/**
 * Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015). At step t, m ← β₁m + (1 − β₁)g, v ← β₂v +
 * (1 − β₂)g², p ← p − lr/(1 − β₁ᵗ)·m/(√v/√(1 − β₂ᵗ) + ε). Weight decay λ adds λp to the gradient, or, decoupled,
 * multiplies p by 1 − lr·λ (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019). Its state is
 * {@code exp_avg} and {@code exp_avg_sq}.
 *
 * <p>The decoupled decay lr·λp is subtracted together with the step, so that float32 does not round 1 − lr·λ: at lr
 * 10⁻⁵ and λ 0.01 the factor itself would be off by 19 % of the decay.
 *
 * @param learningRate lr, at least 0
 * @param beta1 β₁ in [0, 1)
 * @param beta2 β₂ in [0, 1)
 * @param eps ε, at least 0
 * @param weightDecay λ, at least 0
 * @param decoupled whether weight decay is decoupled from the gradient: AdamW
 */
public record Adam(double learningRate, double beta1, double beta2, double eps, double weightDecay, boolean decoupled)
        implements Optimizer {
    /** Checks the numbers. */
    public Adam {
        String name = name(decoupled);
        Numbers.requireNotNegative(name, "the learning rate", learningRate);
        Numbers.requireFraction(name, "beta1", beta1);
        Numbers.requireFraction(name, "beta2", beta2);
        Numbers.requireNotNegative(name, "eps", eps);
        Numbers.requireNotNegative(name, "weightDecay", weightDecay);
    }

    /** This optimizer with other decay rates of the means of the gradient and of its square. */
    public Adam betas(double first, double second) {
        return new Adam(learningRate, first, second, eps, weightDecay, decoupled);
    }

    /** This optimizer with another ε. */
    public Adam eps(double epsilon) {
        return new Adam(learningRate, beta1, beta2, epsilon, weightDecay, decoupled);
    }

    /** This optimizer with weight decay. */
    public Adam weightDecay(double lambda) {
        return new Adam(learningRate, beta1, beta2, eps, lambda, decoupled);
    }

    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        boolean decay = weightDecay != 0;
        Expr g = decay && !decoupled ? gradient.add(value.mul(weightDecay)) : gradient;
        Expr mean = state.keep("exp_avg", m -> m.mul(beta1).add(g.mul(1 - beta1)));
        Expr square = state.keep("exp_avg_sq", v -> v.mul(beta2).add(g.square().mul(1 - beta2)));
        Expr rate = state.scalar((t, lr) -> lr / (1 - Math.pow(beta1, (double) t)));
        Expr scale = state.scalar((t, lr) -> 1 / Math.sqrt(1 - Math.pow(beta2, (double) t)));
        Expr change = mean.mul(rate).div(square.sqrt().mul(scale).add(eps));
        return value.sub(
                decay && decoupled ? change.add(value.mul(state.scalar((t, lr) -> lr * weightDecay))) : change);
    }

    private static String name(boolean decoupled) {
        return decoupled ? "adamW" : "adam";
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(name(decoupled), learningRate)
                + (beta1 == 0.9 && beta2 == 0.999 ? "" : "." + Text.call("betas", beta1, beta2))
                + Text.option("eps", eps, 1e-8)
                + Text.option("weightDecay", weightDecay, decoupled ? 0.01 : 0);
    }
}
