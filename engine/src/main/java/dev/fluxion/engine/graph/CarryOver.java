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
    private final Map<Expr, Integer> versions;
    private final Map<Expr, Expr> rebuilt = new HashMap<>();
    private final Map<Expr, Expr> kept = new LinkedHashMap<>();

    private CarryOver(Graph graph) {
        this.versions = ParameterVersions.of(graph);
        for (Expr e : graph.order()) {
            rebuilt.put(e, Rewriter.with(e, all(version(e, 0), e.inputs())));
        }
    }

    /** The graph in which every value is read at the version at which it was computed, or as an input. */
    public static Graph apply(Graph graph) {
        CarryOver pass = new CarryOver(graph);
        List<Graph.Stage> stages = new ArrayList<>();
        int version = 0;
        for (Graph.Stage stage : graph.stages()) {
            stages.add(pass.rebuilt(stage, version));
            version = ParameterVersions.after(stage, version);
        }
        return pass.kept.isEmpty() ? graph : pass.graph(stages);
    }

    private int version(Expr e, int otherwise) {
        return versions.getOrDefault(e, otherwise);
    }

    /** What stands for a node at a version. */
    private Expr at(int version, Expr e) {
        return version(e, version) == version
                ? Objects.requireNonNull(rebuilt.get(e))
                : kept.computeIfAbsent(e, k -> carried(kept.size(), e));
    }

    private static Expr carried(int number, Expr e) {
        return new Expr(new Leaf.Carried(number, e.shape(), e.dtype()), List.of());
    }

    private Graph.Stage rebuilt(Graph.Stage stage, int version) {
        Map<String, Expr> outputs = new LinkedHashMap<>();
        for (Map.Entry<String, Expr> output : stage.outputs().entrySet()) {
            outputs.put(output.getKey(), at(version, output.getValue()));
        }
        List<Update> updates = new ArrayList<>();
        for (Update u : stage.updates()) {
            updates.add(new Update(u.parameters(), all(version, u.gradients()), u.rule()));
        }
        return new Graph.Stage(stage.name(), outputs, updates);
    }

    private List<Expr> all(int version, List<Expr> exprs) {
        List<Expr> all = new ArrayList<>();
        for (Expr e : exprs) {
            all.add(at(version, e));
        }
        return all;
    }

    private Graph graph(List<Graph.Stage> stages) {
        List<Graph.Stage> all = new ArrayList<>();
        int version = 0;
        for (Graph.Stage stage : stages) {
            int now = version;
            version = ParameterVersions.after(stage, version);
            Map<Leaf.Carried, Expr> carried = new LinkedHashMap<>();
            if (version > now) {
                kept.forEach((e, leaf) -> {
                    if (version(e, now) == now) {
                        carried.put((Leaf.Carried) leaf.op(), at(now, e));
                    }
                });
            }
            all.add(new Graph.Stage(stage.name(), stage.outputs(), stage.updates(), carried));
        }
        return Graph.of(all.toArray(Graph.Stage[]::new));
    }
}
