package dev.fluxion.engine.update;

import dev.fluxion.engine.kernel.Finite;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.store.Position;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Stops a training step before its update when a number is NaN or infinite, or a gradient so large that what is changed would
 * be.
 */
final class FiniteCheck implements Step.Kernel {
    private final Finite finite;
    private final Position position;
    private final IntFunction<String> name;
    private final Limit limit;
    private final @Nullable Trial trial;
    private final Trial.Gradient gradient;

    /** A check of numbers; where their sum of squares is beyond the limit, the trial tells whether they may be used. */
    FiniteCheck(Finite finite, Position position, IntFunction<String> name, Limit limit, @Nullable Trial trial) {
        this(finite, position, name, limit, trial, finite::at);
    }

    /** The same of numbers that a gradient is made of. */
    FiniteCheck(
            Finite finite,
            Position position,
            IntFunction<String> name,
            Limit limit,
            @Nullable Trial trial,
            Trial.Gradient gradient) {
        this.finite = finite;
        this.position = position;
        this.name = name;
        this.limit = limit;
        this.trial = trial;
        this.gradient = gradient;
    }

    @Override
    public void run() {
        if (finite.squares() <= limit.squares()) {
            return;
        }
        int other = finite.search();
        if (other >= 0) {
            throw new Diverged(position.step(), name.apply(other), finite.at(other));
        }
        if (trial != null) {
            limit.exceed();
            trial.run(gradient);
        }
    }

    @Override
    public void close() {
        finite.close();
    }
}
