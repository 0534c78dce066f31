package dev.fluxion.engine;

import dev.fluxion.engine.pass.GraphVerifier;
import dev.fluxion.engine.pass.Tiles;
import dev.fluxion.ir.Graph;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
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
    void partition(String stage, Graph before, Tiles.Tiled after) {
        graph(stage, before, after.graph());
        if (VERIFIES) {
            requireNone(stage, GraphVerifier.faults(after));
        }
    }

    /** Looks at steps in the order in which they are emitted. */
    void emit(String stage, Lowering made) {
        trace.made(
                stage,
                String.format(
                        Locale.ROOT,
                        "%d steps before the first run, %d in a run",
                        made.prologue.size(),
                        made.steps.size()));
    }

    /** Looks at phases and at where their buffers lie. */
    void plan(String stage, Plan made) {
        trace.made(stage, made.explain(step -> 0));
    }

    private static void requireNone(String stage, List<String> faults) {
        if (!faults.isEmpty()) {
            throw new IllegalStateException(
                    Errors.malformed(stage, faults.stream().distinct().collect(Collectors.joining("; "))));
        }
    }
}
