package dev.fluxion.engine;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.partition.GraphVerifier;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Replay;
import dev.fluxion.engine.rule.Rule;
import dev.fluxion.engine.run.Plan;
import dev.fluxion.ir.Graph;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Looks at what the stages of one compilation make: a trace of the stages that {@code -Dfluxion.trace} names goes to the
 * standard error stream, and with {@code -Dfluxion.verify=true}, as in tests, what is not well-formed is refused.
 */
final class Inspection {
    private static final boolean VERIFIES = Boolean.getBoolean("fluxion.verify");

    private final Graph given;
    private final Trace trace;

    Inspection(Graph given, Collection<String> stages) {
        this.given = given;
        this.trace = new Trace(System.getProperty("fluxion.trace", ""), stages, System.err);
    }

    /** Looks at a pass over the graph. */
    void graph(String stage, Graph before, Graph after) {
        trace.graph(stage, before, after);
        if (VERIFIES) {
            requireNone(stage, GraphVerifier.faults(given, after));
        }
    }

    /** Looks at the division of a graph into parts. */
    void partition(String stage, Graph before, BatchPartition.Tiled after) {
        graph(stage, before, after.graph());
        if (VERIFIES) {
            requireNone(stage, GraphVerifier.faults(after));
        }
    }

    /** Looks at the forms that are chosen, before any step is emitted. */
    void choose(String stage, List<Rule.Match> made) {
        if (trace.shows(stage)) {
            trace.made(
                    stage, made.stream().map(Rule.Match::toString).collect(Collectors.joining(System.lineSeparator())));
        }
    }

    /** Looks at steps in the order in which they are emitted. */
    void emit(String stage, GraphLowering made) {
        if (trace.shows(stage)) {
            trace.made(
                    stage,
                    made.prologue().size() + " steps when parameters have changed, "
                            + made.graph().stages().stream()
                                    .mapToInt(s -> made.steps(s).size())
                                    .sum() + " in a run");
        }
        if (VERIFIES) {
            requireNone(stage, Replay.faults(made.emitted()));
        }
    }

    /** Looks at the phases of each stage. */
    void schedule(String stage, GraphLowering emitted, List<List<Phase>> made) {
        if (trace.shows(stage)) {
            trace.made(
                    stage,
                    made.stream()
                            .flatMap(List::stream)
                            .map(phase -> phase.steps().count() + " steps in "
                                    + phase.lanes().size() + " lanes\n")
                            .collect(Collectors.joining()));
        }
        if (VERIFIES) {
            requireNone(stage, Replay.faults(emitted.emitted(), emitted.scheduled(made), null));
        }
    }

    /** Looks at where buffers lie. */
    void plan(String stage, GraphLowering emitted, Plan made) {
        if (trace.shows(stage)) {
            trace.made(stage, Explanation.of(made, step -> 0).toString());
        }
        if (VERIFIES) {
            List<List<Phase>> stages = made.stages().stream()
                    .map(s -> made.phases().subList(s.from() + 1, s.to() + 1))
                    .toList();
            requireNone(stage, Replay.faults(emitted.emitted(), emitted.scheduled(stages), made.memory()));
        }
    }

    private static void requireNone(String stage, List<String> faults) {
        if (!faults.isEmpty()) {
            throw new IllegalStateException(
                    Errors.malformed(stage, faults.stream().distinct().collect(Collectors.joining("; "))));
        }
    }
}
