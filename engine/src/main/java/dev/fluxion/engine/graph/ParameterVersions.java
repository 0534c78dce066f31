package dev.fluxion.engine.graph;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Update;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** When a node is computed: an epoch ends with each stage that changes parameters. */
public final class ParameterVersions {
    private ParameterVersions() {}

    /** The epoch, from 0, of each node that depends on parameters that change; a further result has that of its node. */
    public static Map<Expr, Integer> of(Graph graph) {
        Set<Op> changing = new HashSet<>();
        for (Graph.Stage stage : graph.stages()) {
            for (Update update : stage.updates()) {
                update.parameters().forEach(p -> changing.add(p.op()));
            }
        }
        Map<Expr, Integer> epochs = new HashMap<>();
        Set<Expr> done = new HashSet<>();
        int epoch = 0;
        for (Graph.Stage stage : graph.stages()) {
            for (Expr e : Graph.topological(stage.roots())) {
                boolean depends = e.inputs().stream()
                        .anyMatch(in -> epochs.containsKey(in)
                                || in.op() instanceof Leaf.Variable && changing.contains(in.op()));
                if (done.add(e) && depends) {
                    epochs.put(e, epochs.getOrDefault(e.node(), epoch));
                }
            }
            epoch = after(stage, epoch);
        }
        return epochs;
    }

    /** The epoch after a stage. */
    public static int after(Graph.Stage stage, int epoch) {
        return stage.updates().isEmpty() ? epoch : epoch + 1;
    }
}
