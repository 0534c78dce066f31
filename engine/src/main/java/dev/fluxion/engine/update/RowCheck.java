package dev.fluxion.engine.update;

import dev.fluxion.engine.kernel.Finite;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.store.Position;
import java.nio.FloatBuffer;

/** Sums up the rows of a gradient and does for them what {@link FiniteCheck} does. */
final class RowCheck implements Step.Kernel {
    private final RowSums sums;
    private final Finite finite;
    private final FloatBuffer values;
    private final Position position;
    private final String name;
    private final Limit limit;
    private final Trial trial;

    RowCheck(
            RowSums sums, Finite finite, FloatBuffer values, Position position, String name, Limit limit, Trial trial) {
        this.sums = sums;
        this.finite = finite;
        this.values = values;
        this.position = position;
        this.name = name;
        this.limit = limit;
        this.trial = trial;
    }

    @Override
    public void run() {
        sums.run();
        if (finite.squares() <= limit.squares()) {
            return;
        }
        int other = finite.search();
        if (other >= 0) {
            throw new Diverged(position.step(), name, values.get(other));
        }
        limit.exceed();
        trial.run(sums.gradient());
    }

    @Override
    public void close() {
        finite.close();
    }
}
