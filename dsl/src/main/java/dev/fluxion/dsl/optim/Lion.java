package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/**
 * Lion (Chen et al., "Symbolic discovery of optimization algorithms", 2023): p ← (1 − lr·λ)p − lr·sign(β₁m + (1 − β₁)g), then m ←
 * β₂m + (1 − β₂)g. Weight decay λ is always decoupled. Its state is {@code exp_avg}.
 *
 * @param learningRate lr, at least 0
 * @param beta1 β₁ in [0, 1)
 * @param beta2 β₂ in [0, 1)
 * @param weightDecay λ, at least 0
 */
public record Lion(double learningRate, double beta1, double beta2, double weightDecay) implements Optimizer {
    private static final String NAME = "lion";

    /** Checks the numbers. */
    public Lion {
        Options.requireAdaptive(NAME, learningRate, beta1, beta2, 0, weightDecay);
    }

    /** This optimizer with other decay rates: of the mean in the step, and of the mean that is kept. */
    public Lion betas(double first, double second) {
        return new Lion(learningRate, first, second, weightDecay);
    }

    /** This optimizer with weight decay. */
    public Lion weightDecay(double lambda) {
        return new Lion(learningRate, beta1, beta2, lambda);
    }

    @Override
    public Lion withoutDecay() {
        return weightDecay(0);
    }

    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        Kept mean = Kept.of(state, "exp_avg", m -> m.mul(beta2).add(gradient.mul(1 - beta2)));
        Expr direction = mean.before().mul(beta1).add(gradient.mul(1 - beta1)).sign();
        Expr change = direction.mul(state.learningRate());
        return value.sub(new Decay(weightDecay, true).change(change, value, state));
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(NAME, learningRate)
                + (beta1 == 0.9 && beta2 == 0.99 ? "" : "." + Text.call("betas", beta1, beta2))
                + Text.option("weightDecay", weightDecay, 0);
    }
}
