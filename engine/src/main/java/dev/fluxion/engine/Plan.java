package dev.fluxion.engine;

import dev.fluxion.engine.plan.MemoryPlan;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Step;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What a graph is compiled to: all that a program needs but memory.
 *
 * @param lowering where the steps come from
 * @param phases the prologue, which runs when parameters have changed, and the phases of a run
 * @param ends for each stage of the graph, how many phases of a run there are up to its end
 * @param memory where buffers lie
 */
record Plan(Lowering lowering, List<Phase> phases, List<Integer> ends, MemoryPlan memory) {
    Plan {
        phases = List.copyOf(phases);
        ends = List.copyOf(ends);
    }

    /** How many threads can take part. */
    int lanes() {
        return phases.stream().mapToInt(p -> p.lanes().size()).max().orElse(1);
    }

    /** What the plan does, with the times of its steps in microseconds. */
    Explanation explain(ToDoubleFunction<Step> micros) {
        return Explanation.of(phases, memory, micros);
    }
}
