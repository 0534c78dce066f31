package dev.fluxion.engine;

import dev.fluxion.engine.kernel.Finite;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Slice;
import java.nio.FloatBuffer;
import java.util.function.LongSupplier;

/** Stops a training step before its update when a number is NaN or infinite. */
final class FiniteCheck implements Step.Kernel {
    private final FloatBuffer values;
    private final Finite finite;
    private final LongSupplier step;
    private final Name name;

    /** Names the number at a position. */
    interface Name {
        String at(int position);
    }

    FiniteCheck(Slice values, Slice sum, int count, LongSupplier step, Name name) {
        this.values = values.floats();
        this.finite = new Finite(values, sum, count);
        this.step = step;
        this.name = name;
    }

    @Override
    public void run() {
        int other = finite.firstOther();
        if (other >= 0) {
            throw new Diverged(step.getAsLong(), name.at(other), values.get(other));
        }
    }

    @Override
    public void close() {
        finite.close();
    }
}
