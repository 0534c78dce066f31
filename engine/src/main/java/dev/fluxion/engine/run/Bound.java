package dev.fluxion.engine.run;

import dev.fluxion.engine.error.Errors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The stages of a plan whose kernels are bound to an arena. */
public final class Bound {
    private final Executable executable;
    private final Map<String, Stages> stages = new LinkedHashMap<>();
    private final Stages all;

    /** Binds the kernels of a plan. Whoever gives the natives frees them. */
    public Bound(Plan plan, Natives natives, Binding binding) {
        List<Stage> order = new ArrayList<>();
        for (Plan.Stage planned : plan.stages()) {
            Stage stage = Stage.of(planned, order.isEmpty(), binding);
            order.add(stage);
            stages.put(planned.name(), new Stages(List.of(stage)));
        }
        all = new Stages(order);
        executable = new Executable(plan, natives, binding);
    }

    public Executable executable() {
        return executable;
    }

    /** All stages, one after the other. */
    public Stages all() {
        return all;
    }

    /**
     * One stage alone.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public Stages stage(String name) {
        Stages one = stages.get(name);
        if (one == null) {
            throw new IllegalArgumentException(Errors.unknown("stage", name, stages.keySet()));
        }
        return one;
    }
}
