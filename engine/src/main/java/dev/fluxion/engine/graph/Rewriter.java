package dev.fluxion.engine.graph;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Origin;
import dev.fluxion.ir.Update;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Rebuilds a graph from its leaves up, each node given to a rule once its operands are rebuilt. */
public final class Rewriter {
    private Rewriter() {}

    /** What becomes of a node whose operands are rebuilt already; the node itself if nothing. */
    interface Rule {
        Expr rewrite(Expr rebuilt);
    }

    /** The same for rules that want to know where the node came from. */
    interface Origins {
        Expr rewrite(Expr original, Expr rebuilt);
    }

    static Graph rewrite(Graph graph, Rule rule) {
        return rewriteKnowing(graph, (original, rebuilt) -> rule.rewrite(rebuilt));
    }

    static Graph rewriteKnowing(Graph graph, Origins rule) {
        Map<Expr, Expr> done = new HashMap<>();
        for (Expr node : graph.order()) {
            List<Expr> inputs = node.inputs().stream().map(in -> of(done, in)).toList();
            Expr rebuilt = with(node, inputs);
            done.put(node, Origin.of(node.origin(), () -> rule.rewrite(node, rebuilt)));
        }
        return rebuilt(graph, e -> of(done, e));
    }

    /** The node with these operands; itself if it has them. */
    static Expr with(Expr node, List<Expr> inputs) {
        return inputs.equals(node.inputs()) ? node : Origin.of(node.origin(), () -> new Expr(node.op(), inputs));
    }

    /** The graph with each root replaced by what has become of it. */
    public static Graph rebuilt(Graph graph, UnaryOperator<Expr> became) {
        Graph.Stage[] stages = graph.stages().stream()
                .map(stage -> new Graph.Stage(
                        stage.name(),
                        values(stage.outputs(), became),
                        stage.updates().stream()
                                .map(u -> new Update(all(became, u.parameters()), all(became, u.gradients()), u.rule()))
                                .toList(),
                        values(stage.carried(), became)))
                .toArray(Graph.Stage[]::new);
        return Graph.of(stages);
    }

    private static <K> Map<K, Expr> values(Map<K, Expr> all, UnaryOperator<Expr> became) {
        Map<K, Expr> values = new LinkedHashMap<>();
        all.forEach((key, e) -> values.put(key, became.apply(e)));
        return values;
    }

    private static List<Expr> all(UnaryOperator<Expr> became, List<Expr> exprs) {
        return exprs.stream().map(became).toList();
    }

    private static Expr of(Map<Expr, Expr> done, Expr e) {
        return Objects.requireNonNull(done.get(e));
    }
}
