package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/**
 * Adam with Nesterov's momentum (Dozat, "Incorporating Nesterov momentum into Adam", 2016). At step t, μₜ = β₁(1 − ½·0.96^(tψ)),
 * m and v are those of {@link Adam}, and p ← p − lr·((1 − μₜ)/(1 − Πμ)·g + μₜ₊₁/(1 − Πμ·μₜ₊₁)·m)/(√(v/(1 − β₂ᵗ)) + ε), where Πμ
 * is the product of μ₁ to μₜ. Weight decay λ adds λp to the gradient, or, decoupled, multiplies p by 1 − lr·λ. Its state is
 * {@code exp_avg} and {@code exp_avg_sq}.
 *
 * @param learningRate lr, at least 0
 * @param beta1 β₁ in [0, 1)
 * @param beta2 β₂ in [0, 1)
 * @param eps ε, at least 0
 * @param weightDecay λ, at least 0
 * @param decoupled whether weight decay is decoupled from the gradient
 * @param momentumDecay ψ, at least 0
 */
public record NAdam(
        double learningRate,
        double beta1,
        double beta2,
        double eps,
        double weightDecay,
        boolean decoupled,
        double momentumDecay)
        implements Optimizer {
    /** Checks the numbers. */
    public NAdam {
        Options.requireAdaptive("nAdam", learningRate, beta1, beta2, eps, weightDecay);
        Numbers.requireNotNegative("nAdam", "momentumDecay", momentumDecay);
    }

    /** This optimizer with other decay rates of the means of the gradient and of its square. */
    public NAdam betas(double first, double second) {
        return new NAdam(learningRate, first, second, eps, weightDecay, decoupled, momentumDecay);
    }

    /** This optimizer with another ε. */
    public NAdam eps(double epsilon) {
        return new NAdam(learningRate, beta1, beta2, epsilon, weightDecay, decoupled, momentumDecay);
    }

    /** This optimizer with weight decay. */
    public NAdam weightDecay(double lambda) {
        return new NAdam(learningRate, beta1, beta2, eps, lambda, decoupled, momentumDecay);
    }

    /** This optimizer with weight decay apart from the gradient, or as part of it. */
    public NAdam decoupled(boolean apart) {
        return new NAdam(learningRate, beta1, beta2, eps, weightDecay, apart, momentumDecay);
    }

    /** This optimizer with another ψ: how fast the momentum rises to β₁. */
    public NAdam momentumDecay(double psi) {
        return new NAdam(learningRate, beta1, beta2, eps, weightDecay, decoupled, psi);
    }

    @Override
    public NAdam withoutDecay() {
        return weightDecay(0);
    }

    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        Decay decay = new Decay(weightDecay, decoupled);
        Expr g = decay.gradient(gradient, value);
        Expr mean = state.keep("exp_avg", m -> m.mul(beta1).add(g.mul(1 - beta1)));
        Expr square = state.keep("exp_avg_sq", v -> v.mul(beta2).add(g.square().mul(1 - beta2)));
        Product product = new Product(this::momentum);
        Expr now = state.scalar((t, lr) -> lr * (1 - momentum(t)) / (1 - product.upTo(t)));
        Expr ahead = state.scalar((t, lr) -> lr * momentum(t + 1) / (1 - product.upTo(t) * momentum(t + 1)));
        Expr scale = state.scalar((t, lr) -> 1 / Math.sqrt(Bias.correction(beta2, t)));
        Expr change =
                g.mul(now).add(mean.mul(ahead)).div(square.sqrt().mul(scale).add(eps));
        return value.sub(decay.change(change, value, state));
    }

    private double momentum(long step) {
        return beta1 * (1 - 0.5 * Math.pow(0.96, (double) step * momentumDecay));
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call("nAdam", learningRate)
                + Options.betas(beta1, beta2)
                + Text.option("eps", eps, 1e-8)
                + Text.option("weightDecay", weightDecay, 0)
                + Text.option("decoupled", decoupled, false)
                + Text.option("momentumDecay", momentumDecay, 0.004);
    }
}
