package dev.fluxion;

import dev.fluxion.ir.Update;

/**
 * An update rule, written element by element, and a learning rate. RMSprop, for example:
 *
 * <pre>{@code
 * record RmsProp(double learningRate) implements Optimizer {
 *     public Expr next(Expr value, Expr gradient, Update.State state) {
 *         Expr square = state.keep("square_avg", s -> s.mul(0.99).add(gradient.square().mul(0.01)));
 *         return value.sub(gradient.div(square.sqrt().add(1e-8)).mul(state.learningRate()));
 *     }
 * }
 * }</pre>
 */
public interface Optimizer extends Update.Rule {
    /** The learning rate, before a schedule changes it. */
    double learningRate();

    /** The optimizer that goes up the gradient instead of down; weight decay still makes weights smaller. */
    default Optimizer maximise() {
        return new Maximising(this);
    }
}
