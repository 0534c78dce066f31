package dev.fluxion.engine.pass;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Op;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Computes what is written twice once: nodes with the same operator and operands become one. */
public final class CommonSubexpressions {
    private CommonSubexpressions() {}

    /** The graph without repetitions. */
    public static Graph apply(Graph graph) {
        Map<Key, Expr> seen = new HashMap<>();
        return Rewriter.rewrite(graph, node -> seen.computeIfAbsent(new Key(node.op(), node.inputs()), k -> node));
    }

    private record Key(Op op, List<Expr> inputs) {}
}
