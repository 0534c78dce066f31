package dev.fluxion;

import dev.fluxion.ir.Given;
import java.util.Map;

/** The product of two schedules. */
record ScheduleProduct(Schedule first, Schedule second) implements Schedule {
    ScheduleProduct {
        Given.require("times", "the other schedule", second);
        Errors.requireSameUnit("times", first, second);
    }

    @Override
    public double factor(int index) {
        return first.factor(index) * second.factor(index);
    }

    @Override
    public Unit unit() {
        return first.unit();
    }

    @Override
    public Schedule after(Map<String, Double> values) {
        return new ScheduleProduct(first.after(values), second.after(values));
    }

    @Override
    public String toString() {
        return first + ".times(" + second + ")";
    }
}
