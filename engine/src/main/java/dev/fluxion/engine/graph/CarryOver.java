package dev.fluxion.engine.graph;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Keeps for later stages what was computed before an update of the parameters that it depends on. The stage of the update
 * carries it over, and whatever reads it afterwards reads a leaf: no pass and no kernel can mistake it for something to be
 * computed again, or for a view of the parameter, which is another one then.
 */
public final class CarryOver {
    private final Map<Expr, Integer> epochs;
    private final Map<Expr, Expr> rebuilt = new HashMap<>();
    private final Map<Expr, Expr> kept = new LinkedHashMap<>();

    private CarryOver(Graph graph) {
        this.epochs = ParameterVersions.of(graph);
        for (Expr e : graph.order()) {
            List<Expr> inputs =
                    e.inputs().stream().map(in -> at(epoch(e, 0), in)).toList();
            rebuilt.put(e, Rewriter.with(e, inputs));
        }
    }

    /** The graph in which every value is read in the epoch in which it was computed, or as an input. */
    public static Graph apply(Graph graph) {
        CarryOver pass = new CarryOver(graph);
        List<Graph.Stage> stages = new ArrayList<>();
        int epoch = 0;
        for (Graph.Stage stage : graph.stages()) {
            stages.add(pass.rebuilt(stage, epoch));
            epoch = ParameterVersions.after(stage, epoch);
        }
        return pass.kept.isEmpty() ? graph : pass.graph(stages);
    }

    private int epoch(Expr e, int otherwise) {
        return epochs.getOrDefault(e, otherwise);
    }

    /** What stands for a node in an epoch. */
    private Expr at(int epoch, Expr e) {
        return epoch(e, epoch) == epoch
                ? Objects.requireNonNull(rebuilt.get(e))
                : kept.computeIfAbsent(e, k -> carried(kept.size(), e));
    }

    private static Expr carried(int number, Expr e) {
        return new Expr(new Leaf.Carried(number, e.shape(), e.dtype()), List.of());
    }

    private Graph.Stage rebuilt(Graph.Stage stage, int epoch) {
        Map<String, Expr> outputs = new LinkedHashMap<>();
        stage.outputs().forEach((name, e) -> outputs.put(name, at(epoch, e)));
        List<Update> updates = stage.updates().stream()
                .map(u -> new Update(u.parameters(), all(epoch, u.gradients()), u.rule()))
                .toList();
        return new Graph.Stage(stage.name(), outputs, updates);
    }

    private List<Expr> all(int epoch, List<Expr> exprs) {
        return exprs.stream().map(e -> at(epoch, e)).toList();
    }

    private Graph graph(List<Graph.Stage> stages) {
        List<Graph.Stage> all = new ArrayList<>();
        int epoch = 0;
        for (Graph.Stage stage : stages) {
            int now = epoch;
            epoch = ParameterVersions.after(stage, epoch);
            Map<Leaf.Carried, Expr> carried = new LinkedHashMap<>();
            if (epoch > now) {
                kept.forEach((e, leaf) -> {
                    if (epoch(e, now) == now) {
                        carried.put((Leaf.Carried) leaf.op(), at(now, e));
                    }
                });
            }
            all.add(new Graph.Stage(stage.name(), stage.outputs(), stage.updates(), carried));
        }
        return Graph.of(all.toArray(Graph.Stage[]::new));
    }
}
