package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/**
 * Averaged stochastic gradient descent (Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992). At
 * step t, with g ← g + λp and η = lr/(1 + κ·lr·(t − 1))^α, p ← (1 − κη)p − ηg. Its state is {@code ax}, the mean of the values
 * behind step t₀: a ← a + (p − a)/max(1, t − 1 − t₀).
 *
 * @param learningRate lr, at least 0
 * @param lambda κ, the decay of values and learning rate, at least 0
 * @param alpha α, the power of the decay of the learning rate
 * @param start t₀, the step behind which the mean begins, at least 0
 * @param weightDecay λ, at least 0
 */
public record Asgd(double learningRate, double lambda, double alpha, double start, double weightDecay)
        implements Optimizer {
    private static final String NAME = "asgd";

    /** Checks the numbers. */
    public Asgd {
        Options.requireRate(NAME, learningRate, 0, weightDecay);
        Numbers.requireNotNegative(NAME, "lambda", lambda);
        Numbers.requireFinite(NAME, "alpha", alpha);
        Numbers.requireNotNegative(NAME, "start", start);
    }

    /** This optimizer with another decay of values and learning rate. */
    public Asgd lambda(double kappa) {
        return new Asgd(learningRate, kappa, alpha, start, weightDecay);
    }

    /** This optimizer with another power of the decay of the learning rate. */
    public Asgd alpha(double power) {
        return new Asgd(learningRate, lambda, power, start, weightDecay);
    }

    /** This optimizer with a mean that begins behind another step. */
    public Asgd start(double step) {
        return new Asgd(learningRate, lambda, alpha, step, weightDecay);
    }

    /** This optimizer with weight decay. */
    public Asgd weightDecay(double part) {
        return new Asgd(learningRate, lambda, alpha, start, part);
    }

    @Override
    public Asgd withoutDecay() {
        return weightDecay(0);
    }

    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        Expr g = Decay.coupled(weightDecay).gradient(gradient, value);
        Expr change = g.mul(state.scalar(this::rate));
        Expr shrunk = lambda == 0 ? change : change.add(value.mul(state.scalar((t, lr) -> lambda * rate(t, lr))));
        Expr next = value.sub(shrunk);
        Expr fresh = state.scalar((t, lr) -> part(t));
        Expr old = state.scalar((t, lr) -> 1 - part(t));
        state.keep("ax", mean -> mean.mul(old).add(next.mul(fresh)));
        return next;
    }

    private double rate(long step, double learningRate) {
        return learningRate / Math.pow(1 + lambda * learningRate * (step - 1), alpha);
    }

    private double part(long step) {
        return 1 / Math.max(1, step - 1 - start);
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(NAME, learningRate)
                + Text.option("lambda", lambda, 1e-4)
                + Text.option("alpha", alpha, 0.75)
                + Text.option("start", start, 1e6)
                + Text.option("weightDecay", weightDecay, 0);
    }
}
