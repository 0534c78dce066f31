package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.Schedule;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/**
 * Stochastic gradient descent. With weight decay λ, momentum μ and dampening d: g ← g + λp; from the second step on b
 * ← μb + (1 − d)g, at the first b ← g; with Nesterov's variant g ← g + μb, else g ← b; p ← p − lr·g (Sutskever et
 * al., "On the importance of initialization and momentum", 2013, in PyTorch's form). Its state is
 * {@code momentum_buffer}.
 *
 * @param learningRate lr, at least 0
 * @param momentum μ, at least 0
 * @param dampening d, the fraction of the gradient that the momentum leaves out
 * @param nesterov whether to use Nesterov's variant, which needs momentum and no dampening
 * @param weightDecay λ, at least 0: the gradient of λ/2·‖p‖²
 * @param cycle a factor of μ by steps, {@link Schedules#constant()} by default
 */
public record Sgd(
        double learningRate, double momentum, double dampening, boolean nesterov, double weightDecay, Schedule cycle)
        implements Optimizer {
    /** Checks the numbers. */
    public Sgd {
        Numbers.requireNotNegative("sgd", "the learning rate", learningRate);
        Numbers.requireNotNegative("sgd", "momentum", momentum);
        Numbers.requireNotNegative("sgd", "weightDecay", weightDecay);
        Numbers.requireFinite("sgd", "dampening", dampening);
        Options.requireCycle("sgd", cycle);
    }

    /** This optimizer with momentum. */
    public Sgd momentum(double mu) {
        return new Sgd(learningRate, mu, dampening, nesterov, weightDecay, cycle);
    }

    /** This optimizer with dampening: the momentum leaves out a fraction of the gradient. */
    public Sgd dampening(double part) {
        return new Sgd(learningRate, momentum, part, nesterov, weightDecay, cycle);
    }

    /** This optimizer with or without Nesterov's variant. */
    public Sgd nesterov(boolean ahead) {
        return new Sgd(learningRate, momentum, dampening, ahead, weightDecay, cycle);
    }

    /** This optimizer with weight decay. */
    public Sgd weightDecay(double lambda) {
        return new Sgd(learningRate, momentum, dampening, nesterov, lambda, cycle);
    }

    /** This optimizer with a momentum that follows a cycle, such as {@link OneCycle#momentum}. */
    public Sgd cycle(Schedule factors) {
        return new Sgd(learningRate, momentum, dampening, nesterov, weightDecay, factors);
    }

    @Override
    public Sgd withoutDecay() {
        return weightDecay(0);
    }

    /**
     * The next value.
     *
     * @throws IllegalArgumentException if Nesterov's variant lacks momentum or has dampening
     */
    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        if (nesterov && (momentum == 0 || dampening != 0)) {
            throw new IllegalArgumentException(Errors.nesterov());
        }
        Expr g = Decay.coupled(weightDecay).gradient(gradient, value);
        if (momentum == 0) {
            return value.sub(g.mul(state.learningRate()));
        }
        Expr taken = dampening == 0 ? g : g.mul(state.scalar((step, lr) -> step == 1 ? 1 : 1 - dampening));
        Expr mu = cycle == Schedules.constant()
                ? Expr.constant(momentum)
                : state.scalar((step, lr) -> Options.cycled(momentum, cycle, step));
        Expr buffer = state.keep("momentum_buffer", b -> b.mul(mu).add(taken));
        Expr direction = nesterov ? g.add(buffer.mul(mu)) : buffer;
        return value.sub(direction.mul(state.learningRate()));
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call("sgd", learningRate)
                + Text.option("momentum", momentum, 0)
                + Text.option("dampening", dampening, 0)
                + (nesterov ? ".nesterov(true)" : "")
                + Text.option("weightDecay", weightDecay, 0)
                + Text.option("cycle", cycle, Schedules.constant());
    }
}
