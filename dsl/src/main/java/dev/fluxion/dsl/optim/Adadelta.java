package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/**
 * Adadelta (Zeiler, "ADADELTA: an adaptive learning rate method", 2012). With g ← g + λp, v ← ρv + (1 − ρ)g², d = √(u + ε)/√(v +
 * ε)·g, u ← ρu + (1 − ρ)d², p ← p − lr·d. Its state is {@code square_avg} and {@code acc_delta}.
 *
 * @param learningRate lr, at least 0, usually 1
 * @param rho ρ in [0, 1]
 * @param eps ε, at least 0
 * @param weightDecay λ, at least 0
 */
public record Adadelta(double learningRate, double rho, double eps, double weightDecay) implements Optimizer {
    private static final String NAME = "adadelta";

    /** Checks the numbers. */
    public Adadelta {
        Options.requireRate(NAME, learningRate, eps, weightDecay);
        Numbers.requireProbability(NAME, "rho", rho);
    }

    /** This optimizer with another decay rate of its means. */
    public Adadelta rho(double rate) {
        return new Adadelta(learningRate, rate, eps, weightDecay);
    }

    /** This optimizer with another ε. */
    public Adadelta eps(double epsilon) {
        return new Adadelta(learningRate, rho, epsilon, weightDecay);
    }

    /** This optimizer with weight decay. */
    public Adadelta weightDecay(double lambda) {
        return new Adadelta(learningRate, rho, eps, lambda);
    }

    @Override
    public Adadelta withoutDecay() {
        return weightDecay(0);
    }

    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        Expr g = Decay.coupled(weightDecay).gradient(gradient, value);
        Expr square = state.keep("square_avg", v -> v.mul(rho).add(g.square().mul(1 - rho)));
        Expr scaled = g.div(square.add(eps).sqrt());
        Kept deltas = Kept.of(state, "acc_delta", u -> u.mul(rho)
                .add(delta(scaled, u).square().mul(1 - rho)));
        return value.sub(delta(scaled, deltas.before()).mul(state.learningRate()));
    }

    private Expr delta(Expr scaled, Expr squares) {
        return squares.add(eps).sqrt().mul(scaled);
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(NAME, learningRate)
                + Text.option("rho", rho, 0.9)
                + Text.option("eps", eps, 1e-6)
                + Text.option("weightDecay", weightDecay, 0);
    }
}
