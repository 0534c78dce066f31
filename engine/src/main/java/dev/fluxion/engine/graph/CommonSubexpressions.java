package dev.fluxion.engine.graph;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.util.HashMap;
import java.util.Map;

/**
 * Computes what is written twice once: nodes with the same operator and operands become one, unless a parameter that they
 * depend on changes between them.
 */
public final class CommonSubexpressions {
    private CommonSubexpressions() {}

    /** The graph without repetitions. */
    public static Graph apply(Graph graph) {
        Map<Expr, Integer> versions = ParameterVersions.of(graph);
        Map<NodeKey, Expr> seen = new HashMap<>();
        return Rewriter.rewriteKnowing(
                graph,
                (original, rebuilt) -> seen.computeIfAbsent(
                        new NodeKey(rebuilt.op(), rebuilt.inputs(), versions.getOrDefault(original, 0)), k -> rebuilt));
    }
}
