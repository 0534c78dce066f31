package dev.fluxion.dsl.train;

import dev.fluxion.Optimizer;
import dev.fluxion.Scope;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds the graphs of a training: of a step, of forward and backward, and of the update with accumulated gradients. */
record TrainingGraphs(Model model, Objective objective, Optimizer optimizer, List<String> trained) {
    static final String LOSS = "loss";
    static final String GRADIENT = "gradient";
    static final String STEP = "step";
    static final String FORWARD = "forward";
    static final String BACKWARD = "backward";
    static final String UPDATE = "update";

    /** What a step computes; the updates are those of the buffers. */
    private record Built(
            Map<String, Expr> outputs, List<Expr> parameters, List<Expr> gradients, List<Update> updates) {}

    /** Forward, backward and update as one stage. */
    Graph step(BatchShape batch, List<Objective.Kind> targets) {
        Built p = model.building(() -> build(batch, targets));
        List<Update> updates = new ArrayList<>(List.of(new Update(p.parameters, p.gradients, optimizer)));
        updates.addAll(p.updates);
        return Graph.of(new Graph.Stage(STEP, p.outputs, updates));
    }

    /** Forward and backward as stages; forward changes the buffers, backward adds to the accumulated gradients. */
    Graph explicit(BatchShape batch, List<Objective.Kind> targets) {
        Built p = model.building(() -> build(batch, targets));
        Update add = new Update(accumulated(p.parameters), p.gradients, (sum, g, kept) -> sum.add(g));
        return Graph.of(
                new Graph.Stage(FORWARD, p.outputs, p.updates), new Graph.Stage(BACKWARD, Map.of(), List.of(add)));
    }

    /** The update with the accumulated gradients. */
    Graph update() {
        List<Expr> parameters = trained.stream()
                .map(name -> Expr.parameter(name, model.parameters().shape(name)))
                .toList();
        Update update = new Update(parameters, accumulated(parameters), optimizer);
        return Graph.of(new Graph.Stage(UPDATE, Map.of(), List.of(update)));
    }

    private static List<Expr> accumulated(List<Expr> parameters) {
        return parameters.stream()
                .map(e -> Expr.kept(Slot.training(GRADIENT, ((Leaf.Parameter) e.op()).name()), e.shape()))
                .toList();
    }

    private Built build(BatchShape batch, List<Objective.Kind> targets) {
        Network.Applied applied = model.apply(true, batch);
        Expr value = objective.value(applied.outputs(), targets);
        List<Expr> parameters = new ArrayList<>();
        applied.scope().parameters().values().stream()
                .filter(p -> trained.contains(p.name()))
                .forEach(p -> parameters.add(p.expr()));
        Map<String, Expr> outputs = new LinkedHashMap<>();
        outputs.put(Scope.RESULT, applied.result());
        outputs.put(LOSS, value);
        Map<Expr, Expr> next = applied.scope().updates();
        List<Update> updates = next.isEmpty() ? List.of() : List.of(Update.assign(next));
        return new Built(outputs, parameters, Gradients.of(value, parameters), updates);
    }
}
