package dev.fluxion.ir;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Prints graphs: as text, for Graphviz, for Mermaid. Nodes are numbered in the order in which they are computed. */
public final class Printer {
    private Printer() {}

    /** One line a node: {@code %3 = conv pad 2 (%0, %1) : 64×32×32×32}, and the outputs and updates of each stage. */
    public static String text(Graph graph) {
        Map<Expr, Integer> ids = number(graph);
        StringBuilder out = new StringBuilder();
        for (Expr e : graph.order()) {
            out.append('%').append(ids.get(e)).append(" = ").append(e.op());
            if (!e.inputs().isEmpty()) {
                out.append(" (").append(operands(e.inputs(), ids)).append(')');
            }
            out.append(" : ").append(e.shape());
            out.append(e.dtype() == DType.INT ? " int" : "");
            out.append(e.origin().isEmpty() ? "" : "  # " + e.origin()).append('\n');
        }
        for (Graph.Stage stage : graph.stages()) {
            stage.outputs().forEach((name, e) -> out.append(stage.name())
                    .append(": ")
                    .append(name)
                    .append(" = %")
                    .append(ids.get(e))
                    .append('\n'));
            for (Update u : stage.updates()) {
                out.append(stage.name())
                        .append(": update ")
                        .append(operands(u.parameters(), ids))
                        .append(" by ")
                        .append(operands(u.gradients(), ids))
                        .append('\n');
            }
        }
        return out.toString();
    }

    /** A digraph for Graphviz. */
    public static String dot(Graph graph) {
        Map<Expr, Integer> ids = number(graph);
        StringBuilder out = new StringBuilder("digraph fluxion {\n  rankdir=TB;\n  node [shape=box];\n");
        for (Expr e : graph.order()) {
            out.append("  n")
                    .append(ids.get(e))
                    .append(" [label=\"")
                    .append(label(e).replace("\"", "\\\""))
                    .append("\"];\n");
            for (Expr in : e.inputs()) {
                out.append("  n")
                        .append(ids.get(in))
                        .append(" -> n")
                        .append(ids.get(e))
                        .append(";\n");
            }
        }
        return out.append("}\n").toString();
    }

    /** A flowchart for Mermaid. */
    public static String mermaid(Graph graph) {
        Map<Expr, Integer> ids = number(graph);
        StringBuilder out = new StringBuilder("flowchart TB\n");
        for (Expr e : graph.order()) {
            out.append("  n")
                    .append(ids.get(e))
                    .append("[\"")
                    .append(label(e).replace("\"", "#quot;"))
                    .append("\"]\n");
            for (Expr in : e.inputs()) {
                out.append("  n")
                        .append(ids.get(in))
                        .append(" --> n")
                        .append(ids.get(e))
                        .append('\n');
            }
        }
        return out.toString();
    }

    private static String label(Expr e) {
        return e.op() + " : " + e.shape();
    }

    private static String operands(List<Expr> exprs, Map<Expr, Integer> ids) {
        return exprs.stream().map(e -> "%" + ids.get(e)).collect(Collectors.joining(", "));
    }

    private static Map<Expr, Integer> number(Graph graph) {
        Map<Expr, Integer> ids = new HashMap<>();
        Given.require("Printer", "the graph", graph).order().forEach(e -> ids.put(e, ids.size()));
        return ids;
    }
}
