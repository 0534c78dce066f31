package dev.fluxion;

import java.util.Map;

/** A schedule whose index counts steps. */
record ScheduleBySteps(Schedule schedule) implements Schedule {
    @Override
    public double factor(int index) {
        return schedule.factor(index);
    }

    @Override
    public Unit unit() {
        return Unit.STEP;
    }

    @Override
    public Schedule after(Map<String, Double> values) {
        return new ScheduleBySteps(schedule.after(values));
    }

    @Override
    public String toString() {
        return schedule + ".bySteps()";
    }
}
