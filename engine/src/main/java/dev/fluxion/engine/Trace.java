package dev.fluxion.engine;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.io.PrintStream;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Prints what stages of the compiler changed: those whose names it is given, separated by commas, or {@code all}. */
final class Trace {
    private static final String ALL = "all";

    private final Set<String> names;
    private final PrintStream out;

    /**
     * A trace of stages.
     *
     * @throws IllegalArgumentException if one of them is unknown
     */
    Trace(String requested, Collection<String> stages, PrintStream out) {
        this.names = requested.isBlank()
                ? Set.of()
                : new LinkedHashSet<>(List.of(requested.trim().split(" *, *")));
        this.out = out;
        for (String name : names) {
            if (!name.equals(ALL) && !stages.contains(name)) {
                throw new IllegalArgumentException(Errors.unknown("stage of the compiler", name, stages));
            }
        }
    }

    /** Whether anybody wants to see what a stage made: only then is it put into words. */
    boolean shows(String stage) {
        return names.contains(stage) || names.contains(ALL);
    }

    /** The lines that a graph lost and those that it gained. */
    void graph(String stage, Graph before, Graph after) {
        if (shows(stage)) {
            out.printf(
                    "%s: %d nodes to %d%n",
                    stage, before.order().size(), after.order().size());
            Map<String, Integer> difference = new LinkedHashMap<>();
            before.order().forEach(e -> difference.merge(line(e), -1, Integer::sum));
            after.order().forEach(e -> difference.merge(line(e), 1, Integer::sum));
            difference.forEach((line, count) -> {
                if (count != 0) {
                    String times = Math.abs(count) == 1 ? "" : Math.abs(count) + " × ";
                    out.printf("  %s %s%s%n", count < 0 ? '-' : '+', times, line);
                }
            });
        }
    }

    /** What a stage behind the passes over the graph made; it is shown. */
    void made(String stage, String what) {
        out.printf("%s:%n%s", stage, what.indent(2));
    }

    /** A node with its operands, without numbers, which change with every node before. */
    private static String line(Expr e) {
        List<String> operands = e.inputs().stream().map(Trace::value).toList();
        return (operands.isEmpty() ? "" : operands.stream().collect(Collectors.joining(", ", "(", ") → ")))
                + value(e)
                + (e.origin().isEmpty() ? "" : "  # " + e.origin());
    }

    private static String value(Expr e) {
        return e.op() + " : " + e.shape() + (e.dtype() == DType.INT ? " int" : "");
    }
}
