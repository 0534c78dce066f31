package dev.fluxion;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;
import java.util.List;

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
 *
 * <p>The other methods make of any optimizer one that treats some parameters differently, or changes the gradients first. The
 * order in which they are called does not matter; each step goes: gradients of {@link #accumulate} batches are averaged, {@link
 * #gradientNoise} is added, {@link #clipValue} and {@link #clipNorm} bound them, the rule of each parameter's {@link #group} is
 * applied, and {@link #average} follows the values.
 */
public interface Optimizer extends Update.Rule {
    /** The name under which {@link #average} is kept. */
    String AVERAGE = "average";

    /** The learning rate, before a schedule changes it. */
    double learningRate();

    /**
     * The changes that a step makes, from the gradients. An optimizer whose rule is not elementwise, or not the same for all
     * parameters, says here what it does.
     *
     * @param parameters the parameters that are trained
     * @param gradients the gradient of each
     */
    default List<Update> updates(List<Expr> parameters, List<Expr> gradients) {
        return List.of(new Update(parameters, gradients, this));
    }

    /** How many batches make one step: see {@link #accumulate}. */
    default int batches() {
        return 1;
    }

    /**
     * Requires that what the optimizer says of parameters by name concerns some.
     *
     * @param names the names of the model's parameters
     * @throws IllegalArgumentException if a pattern matches none of them, or if one is in two groups
     */
    default void requireParameters(List<String> names) {}

    /** The same optimizer without weight decay: for one that has some, this is to be overridden. */
    default Optimizer withoutDecay() {
        return this;
    }

    /** The optimizer that goes up the gradient instead of down; weight decay still makes weights smaller. */
    default Optimizer maximise() {
        return new Maximising(this);
    }

    /**
     * This optimizer with its own learning rate for some parameters. A schedule scales the rates of all groups by the same factor.
     *
     * @param pattern the name of a parameter or the path of a layer, as {@code head}, where {@code *} stands for anything, as in
     *     {@code *.bias}
     * @param rate the learning rate, at least 0
     */
    default Optimizer group(String pattern, double rate) {
        return CompositeOptimizer.of(this).group(pattern, rate);
    }

    /**
     * This optimizer for all but some parameters, which have one of their own, with its learning rate.
     *
     * @param pattern as for {@link #group(String, double)}
     */
    default Optimizer group(String pattern, Optimizer own) {
        return CompositeOptimizer.of(this).group(pattern, own);
    }

    /**
     * This optimizer without weight decay for some parameters: {@code noDecay("*.bias", "*norm*")}.
     *
     * @param patterns as for {@link #group(String, double)}
     */
    default Optimizer noDecay(String... patterns) {
        return CompositeOptimizer.of(this).noDecay(patterns);
    }

    /** This optimizer with each element of the gradients bounded to [−most, most]. */
    default Optimizer clipValue(double most) {
        return CompositeOptimizer.of(this).clipValue(most);
    }

    /**
     * This optimizer with all gradients scaled by most/(norm + 10⁻⁶) where that is below 1; the norm is that of all gradients
     * together. A step in which the norm is beyond float32's range is refused.
     */
    default Optimizer clipNorm(double most) {
        return CompositeOptimizer.of(this).clipNorm(most);
    }

    /** This optimizer with normal noise of this standard deviation added to each gradient; 0 for none, as by default. */
    default Optimizer gradientNoise(double deviation) {
        return CompositeOptimizer.of(this).gradientNoise(deviation);
    }

    /**
     * This optimizer with an exponential moving average of the values behind each step: a ← decay·a + (1 − decay)·p, at first a =
     * p. It is kept as {@code average}.
     *
     * @param decay in [0, 1), usually just below 1
     */
    default Optimizer average(double decay) {
        return CompositeOptimizer.of(this).average(decay);
    }

    /** This optimizer making one step from the mean of the gradients of so many batches, at least 1. */
    default Optimizer accumulate(int count) {
        return CompositeOptimizer.of(this).accumulate(count);
    }
}
