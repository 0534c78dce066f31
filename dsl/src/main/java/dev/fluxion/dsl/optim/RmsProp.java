package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/**
 * RMSprop (Hinton, "Neural networks for machine learning", lecture 6e, 2012). With g ← g + λp, v ← αv + (1 − α)g², p ← p −
 * lr·g/(√v + ε). The centred form keeps a mean of the gradient, too, m ← αm + (1 − α)g, and has v − m² in place of v (Graves,
 * "Generating sequences with recurrent neural networks", 2013); where rounding makes that negative it is 0. With momentum μ, b ←
 * μb + g/(√v + ε), p ← p − lr·b. Its state is {@code square_avg}, {@code grad_avg} and {@code momentum_buffer}.
 *
 * @param learningRate lr, at least 0
 * @param alpha α in [0, 1]
 * @param eps ε, at least 0
 * @param momentum μ, at least 0
 * @param centred whether to use the centred form
 * @param weightDecay λ, at least 0
 */
public record RmsProp(
        double learningRate, double alpha, double eps, double momentum, boolean centred, double weightDecay)
        implements Optimizer {
    private static final String NAME = "rmsProp";

    /** Checks the numbers. */
    public RmsProp {
        Options.requireRate(NAME, learningRate, eps, weightDecay);
        Numbers.requireProbability(NAME, "alpha", alpha);
        Numbers.requireNotNegative(NAME, "momentum", momentum);
    }

    /** This optimizer with another decay rate of its means. */
    public RmsProp alpha(double rate) {
        return new RmsProp(learningRate, rate, eps, momentum, centred, weightDecay);
    }

    /** This optimizer with another ε. */
    public RmsProp eps(double epsilon) {
        return new RmsProp(learningRate, alpha, epsilon, momentum, centred, weightDecay);
    }

    /** This optimizer with momentum. */
    public RmsProp momentum(double mu) {
        return new RmsProp(learningRate, alpha, eps, mu, centred, weightDecay);
    }

    /** This optimizer in its centred form or not. */
    public RmsProp centred(boolean on) {
        return new RmsProp(learningRate, alpha, eps, momentum, on, weightDecay);
    }

    /** This optimizer with weight decay. */
    public RmsProp weightDecay(double lambda) {
        return new RmsProp(learningRate, alpha, eps, momentum, centred, lambda);
    }

    @Override
    public RmsProp withoutDecay() {
        return weightDecay(0);
    }

    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        Expr g = Decay.coupled(weightDecay).gradient(gradient, value);
        Expr square = state.keep("square_avg", v -> v.mul(alpha).add(g.square().mul(1 - alpha)));
        Expr variance = centred ? centred(square, g, state) : square;
        Expr change = g.div(variance.sqrt().add(eps));
        Expr direction = momentum == 0
                ? change
                : state.keep("momentum_buffer", b -> b.mul(momentum).add(change));
        return value.sub(direction.mul(state.learningRate()));
    }

    private Expr centred(Expr square, Expr gradient, Update.State state) {
        Expr mean = state.keep("grad_avg", m -> m.mul(alpha).add(gradient.mul(1 - alpha)));
        return square.sub(mean.square()).max(0);
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(NAME, learningRate)
                + Text.option("alpha", alpha, 0.99)
                + Text.option("eps", eps, 1e-8)
                + Text.option("momentum", momentum, 0)
                + Text.option("centred", centred, false)
                + Text.option("weightDecay", weightDecay, 0);
    }
}
