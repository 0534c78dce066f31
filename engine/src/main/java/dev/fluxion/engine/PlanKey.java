package dev.fluxion.engine;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.graph.NodeKey;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.engine.update.TracedUpdate;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What tells the plans of a model apart: a graph's structure, what its updates compute, and how it is compiled. Graphs that were built
 * one after the other by the same code have equal keys. A key refers to no rule, which is a user's object.
 */
final class PlanKey {
    private static final Shape SOME = Shape.of(2);

    private final List<Object> parts = new ArrayList<>();
    private final int hash;

    private PlanKey(Graph graph, Options options, RuleBook rules) {
        parts.add(options);
        parts.add(rules.names());
        Map<Expr, Integer> numbers = nodes(graph.order());
        for (Graph.Stage stage : graph.stages()) {
            parts.add(stage.name());
            stage.outputs().forEach((name, e) -> parts.addAll(List.of(name, numbers.get(e))));
            stage.carried().forEach((leaf, e) -> parts.addAll(List.of(leaf, numbers.get(e))));
            for (Update update : stage.updates()) {
                parts.add(update.parameters().stream().map(numbers::get).toList());
                parts.add(update.gradients().stream().map(numbers::get).toList());
                rule(update.rule());
            }
        }
        hash = parts.hashCode();
    }

    static PlanKey of(Graph graph, Options options, RuleBook rules) {
        return new PlanKey(graph, options, rules);
    }

    /** Adds nodes, operands before those that use them; gives their numbers. */
    private Map<Expr, Integer> nodes(List<Expr> order) {
        Map<Expr, Integer> numbers = new HashMap<>();
        for (Expr e : order) {
            numbers.put(e, numbers.size());
            parts.add(new NodeKey(e.op(), e.inputs().stream().map(numbers::get).toList(), e.origin()));
        }
        return numbers;
    }

    /** Adds what a rule computes, and what messages call it. */
    private void rule(Update.Rule rule) {
        TracedUpdate written = TracedUpdate.of(rule, 0, SOME);
        List<Expr> roots = new ArrayList<>(written.next().keySet());
        roots.addAll(written.next().values());
        roots.addAll(written.scalars());
        Map<Expr, Integer> numbers = nodes(Graph.topological(roots));
        parts.add(roots.stream().map(numbers::get).toList());
        parts.add(rule.isOfRows());
        parts.add(Errors.optimizer(rule));
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof PlanKey that && hash == that.hash && parts.equals(that.parts);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
