package dev.fluxion.engine.partition;

import dev.fluxion.engine.graph.ParameterVersions;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What every pass has to leave as it is: the stages with their outputs and updates, and no inputs, parameters or slots that
 * were not there. And what every graph has to be: carried values are defined by an earlier stage, and no value is read on both
 * sides of an update that changes it.
 */
public final class GraphVerifier {
    private final Graph given;
    private final Graph made;
    private final List<String> faults = new ArrayList<>();

    private GraphVerifier(Graph given, Graph made) {
        this.given = given;
        this.made = made;
    }

    /** What is wrong with a graph that passes made of a given one; empty if nothing is. */
    public static List<String> faults(Graph given, Graph made) {
        GraphVerifier verifier = new GraphVerifier(given, made);
        verifier.leaves();
        verifier.stages();
        verifier.carried();
        verifier.versions();
        return verifier.faults;
    }

    /** What is wrong with the keys and origins of a graph in parts. */
    public static List<String> faults(BatchPartition.Tiled tiled) {
        GraphVerifier verifier = new GraphVerifier(tiled.graph(), tiled.graph());
        Set<Expr> all = new HashSet<>(tiled.graph().order());
        verifier.require(all.containsAll(tiled.keys().keySet()), "a node has a key but is not in the graph");
        all.forEach(e -> verifier.require(
                tiled.key(e).equals(tiled.key(e.node())), text(e) + " is computed at another key than its node"));
        tiled.origins().forEach((part, whole) -> {
            if (all.contains(part)) {
                verifier.part(part.shape(), whole.shape(), part);
            }
        });
        return verifier.faults;
    }

    private void part(Shape part, Shape whole, Expr e) {
        boolean alike = part.rank() == whole.rank();
        int shorter = 0;
        for (int axis = 0; alike && axis < part.rank(); axis++) {
            alike = part.dim(axis) <= whole.dim(axis);
            shorter += part.dim(axis) < whole.dim(axis) ? 1 : 0;
        }
        require(alike && shorter <= 1, text(e) + " is no part of a value of shape " + whole);
    }

    private void require(boolean holds, String fault) {
        if (!holds) {
            faults.add(fault);
        }
    }

    /** Leaves that passes may not invent. */
    private void leaves() {
        Set<Op> known = named(given);
        for (Op op : named(made)) {
            require(known.contains(op), op + " is not in the given graph");
        }
    }

    private static Set<Op> named(Graph graph) {
        return graph.order().stream()
                .map(Expr::op)
                .filter(op -> op instanceof Leaf.Input || op instanceof Leaf.Variable || op instanceof Leaf.Uniform)
                .collect(Collectors.toSet());
    }

    private void stages() {
        List<String> names = given.stages().stream().map(Graph.Stage::name).toList();
        List<String> now = made.stages().stream().map(Graph.Stage::name).toList();
        require(now.equals(names), "stages are " + now + ", not " + names);
        for (int i = 0; now.equals(names) && i < names.size(); i++) {
            stage(given.stages().get(i), made.stages().get(i));
        }
    }

    private void stage(Graph.Stage before, Graph.Stage after) {
        String where = "stage " + before.name() + ": ";
        require(
                List.copyOf(before.outputs().keySet())
                        .equals(List.copyOf(after.outputs().keySet())),
                where + "outputs are " + after.outputs().keySet() + ", not "
                        + before.outputs().keySet());
        before.outputs().forEach((name, e) -> {
            Expr now = after.outputs().get(name);
            require(now == null || alike(e, now), where + "output " + name + " is no longer of shape " + e.shape());
        });
        boolean same = before.updates().size() == after.updates().size();
        for (int i = 0; same && i < before.updates().size(); i++) {
            same = before.updates().get(i).rule() == after.updates().get(i).rule()
                    && ops(before.updates().get(i).parameters())
                            .equals(ops(after.updates().get(i).parameters()));
        }
        require(same, where + "its updates are others");
    }

    private static List<Op> ops(List<Expr> exprs) {
        return exprs.stream().map(Expr::op).toList();
    }

    private static boolean alike(Expr one, Expr other) {
        return one.shape().equals(other.shape()) && one.dtype() == other.dtype();
    }

    private void carried() {
        Map<Leaf.Carried, Expr> defined = new HashMap<>();
        for (Graph.Stage stage : made.stages()) {
            for (Expr e : Graph.topological(stage.roots())) {
                if (e.op() instanceof Leaf.Carried leaf) {
                    Expr value = defined.get(leaf);
                    require(value != null, "stage " + stage.name() + " reads " + leaf + " before it is defined");
                    require(value == null || alike(value, e), leaf + " is defined with another shape");
                }
            }
            stage.carried()
                    .forEach((leaf, e) -> require(defined.put(leaf, e) == null, leaf + " is defined a second time"));
        }
    }

    /** A node stands for one value, but for views of parameters, which are read anew where they are used. */
    private void versions() {
        Map<Expr, Integer> versions = ParameterVersions.of(made);
        int version = 0;
        for (Graph.Stage stage : made.stages()) {
            for (Expr e : Graph.topological(stage.roots())) {
                require(
                        versions.getOrDefault(e, version) == version || isView(e),
                        "stage " + stage.name() + " reads " + text(e) + " behind an update that changes it");
            }
            version = ParameterVersions.after(stage, version);
        }
    }

    private static boolean isView(Expr e) {
        return e.op() instanceof Leaf.Variable || e.op() instanceof Movement && isView(e.input(0));
    }

    private static String text(Expr e) {
        return e.op() + " : " + e.shape() + (e.origin().isEmpty() ? "" : " of " + e.origin());
    }
}
