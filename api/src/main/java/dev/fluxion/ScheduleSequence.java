package dev.fluxion;

import dev.fluxion.ir.Given;
import java.util.Map;

/** One schedule, and from an index on another one. */
record ScheduleSequence(Schedule first, int index, Schedule next) implements Schedule {
    ScheduleSequence {
        Given.require("then", "the schedule that follows", next);
        if (index < 0) {
            throw new IllegalArgumentException(Errors.negativeIndex(index));
        }
        Errors.requireSameUnit("then", first, next);
    }

    @Override
    public double factor(int at) {
        return at < index ? first.factor(at) : next.factor(at - index);
    }

    @Override
    public Unit unit() {
        return first.unit();
    }

    @Override
    public Schedule after(Map<String, Double> values) {
        return new ScheduleSequence(first.after(values), index, next.after(values));
    }

    @Override
    public String toString() {
        return first + ".then(" + index + ", " + next + ")";
    }
}
