package dev.fluxion.engine.graph;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Leaves out outputs that have no elements, which nobody need compute. */
public final class EmptyOutputs {
    private EmptyOutputs() {}

    /** The graph without them. */
    public static Graph dropped(Graph graph) {
        boolean none = graph.stages().stream()
                .flatMap(stage -> stage.outputs().values().stream())
                .noneMatch(EmptyOutputs::isEmpty);
        if (none) {
            return graph;
        }
        List<Graph.Stage> stages =
                graph.stages().stream().map(EmptyOutputs::dropped).toList();
        return Graph.of(stages.toArray(Graph.Stage[]::new));
    }

    private static Graph.Stage dropped(Graph.Stage stage) {
        Map<String, Expr> outputs = new LinkedHashMap<>(stage.outputs());
        outputs.values().removeIf(EmptyOutputs::isEmpty);
        return new Graph.Stage(stage.name(), outputs, stage.updates(), stage.carried());
    }

    private static boolean isEmpty(Expr e) {
        return e.shape().size() == 0;
    }
}
