package dev.fluxion.dsl.optim;

import dev.fluxion.Schedule;
import java.util.function.IntToDoubleFunction;

/** A schedule that is a function of the index, as the user wrote it. */
record Formula(String text, IntToDoubleFunction formula) implements Schedule {
    @Override
    public double factor(int index) {
        return formula.applyAsDouble(index);
    }

    @Override
    public String toString() {
        return text;
    }
}
