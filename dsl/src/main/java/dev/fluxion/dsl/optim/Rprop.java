package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/**
 * Resilient backpropagation, for whole data sets rather than batches (Riedmiller and Braun, "A direct adaptive method for faster
 * backpropagation learning: the RPROP algorithm", 1993). Each element has a step size, at first lr. Where the gradient has the
 * sign of the last one, the step size is multiplied by η⁺; where it has the opposite one, by η⁻, and the gradient counts as 0;
 * then p ← p − sign(g)·size. The learning rate has no influence behind the first step, so schedules have none. Its state is
 * {@code prev} and {@code step_size}.
 *
 * @param learningRate lr, at least 0
 * @param shrink η⁻ in (0, 1)
 * @param grow η⁺, above 1
 * @param smallest the smallest step size, at least 0
 * @param largest the largest step size, at least the smallest
 */
public record Rprop(double learningRate, double shrink, double grow, double smallest, double largest)
        implements Optimizer {
    private static final String NAME = "rprop";

    /** Checks the numbers. */
    public Rprop {
        Numbers.requireNotNegative(NAME, "the learning rate", learningRate);
        Numbers.require(shrink > 0 && shrink < 1, NAME, "the factor that shrinks a step", "in (0, 1)", shrink);
        Numbers.require(
                grow > 1 && Double.isFinite(grow), NAME, "the factor that grows a step", "finite and above 1", grow);
        Numbers.requireNotNegative(NAME, "the smallest step", smallest);
        Numbers.require(
                largest >= smallest && Double.isFinite(largest),
                NAME,
                "the largest step",
                "finite and at least the smallest",
                largest);
    }

    /** This optimizer with other factors of the step size: η⁻ and η⁺. */
    public Rprop etas(double minus, double plus) {
        return new Rprop(learningRate, minus, plus, smallest, largest);
    }

    /** This optimizer with other bounds of the step size. */
    public Rprop sizes(double smallest, double largest) {
        return new Rprop(learningRate, shrink, grow, smallest, largest);
    }

    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        Kept last = Kept.of(state, "prev", g -> signs(gradient, g).lt(0).where(Expr.constant(0), gradient));
        Expr same = signs(gradient, last.before());
        Expr factor = same.gt(0).where(Expr.constant(grow), same.lt(0).where(Expr.constant(shrink), Expr.constant(1)));
        Expr first = state.scalar((t, lr) -> t == 1 ? lr : 0);
        Expr size = state.keep(
                "step_size", s -> s.add(first).mul(factor).max(smallest).min(largest));
        return value.sub(last.after().sign().mul(size));
    }

    /** 1 where two gradients have the same sign, −1 where they have opposite ones; their product could underflow. */
    private static Expr signs(Expr a, Expr b) {
        return a.sign().mul(b.sign());
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(NAME, learningRate)
                + (shrink == 0.5 && grow == 1.2 ? "" : "." + Text.call("etas", shrink, grow))
                + (smallest == 1e-6 && largest == 50 ? "" : "." + Text.call("sizes", smallest, largest));
    }
}
