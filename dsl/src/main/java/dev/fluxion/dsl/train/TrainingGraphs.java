package dev.fluxion.dsl.train;

import dev.fluxion.Loss;
import dev.fluxion.Optimizer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
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
record TrainingGraphs(Model model, Loss loss, Optimizer optimizer, List<String> trained) {
    static final String TARGET = "target";
    static final String OUTPUT = "output";
    static final String LOSS = "loss";
    static final String GRADIENT = "gradient";
    static final String STEP = "step";
    static final String FORWARD = "forward";
    static final String BACKWARD = "backward";
    static final String UPDATE = "update";

    private record Built(Map<String, Expr> outputs, List<Expr> parameters, List<Expr> gradients) {}

    /** Forward, backward and update as one stage. */
    Graph step(int batch) {
        Built p = model.building(() -> build(batch));
        return Graph.of(new Graph.Stage(STEP, p.outputs, List.of(new Update(p.parameters, p.gradients, optimizer))));
    }

    /** Forward and backward as stages; backward adds to the accumulated gradients. */
    Graph explicit(int batch) {
        Built p = model.building(() -> build(batch));
        Update add = new Update(accumulated(p.parameters), p.gradients, (sum, g, kept) -> sum.add(g));
        return Graph.of(
                new Graph.Stage(FORWARD, p.outputs, List.of()), new Graph.Stage(BACKWARD, Map.of(), List.of(add)));
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

    private Built build(int batch) {
        Scope scope = Scope.root(true);
        Expr output = model.apply(scope, batch);
        Expr value = value(output, target(output));
        List<Expr> parameters = new ArrayList<>();
        scope.parameters().values().stream()
                .filter(p -> trained.contains(p.name()))
                .forEach(p -> parameters.add(p.expr()));
        Map<String, Expr> outputs = new LinkedHashMap<>();
        outputs.put(OUTPUT, output);
        outputs.put(LOSS, value);
        return new Built(outputs, parameters, Gradients.of(value, parameters));
    }

    private Expr target(Expr output) {
        String name = Text.of(loss);
        return Expr.input(
                TARGET,
                Given.require(name, "the shape of its targets", loss.targetShape(output.shape())),
                Given.require(name, "the type of its targets", loss.targetType()));
    }

    /** The loss as a scalar; its exceptions say what is wrong with the target. */
    private Expr value(Expr output, Expr target) {
        Expr value = LossCalls.objective(loss, output, target);
        if (value.shape().size() != 1) {
            throw new IllegalArgumentException(Errors.objectiveNotScalar(loss, value.shape()));
        }
        return value;
    }

    /**
     * Requires that the loss takes the targets of a batch.
     *
     * @throws IllegalArgumentException if it does not
     */
    void requireTargets(Tensor targets, int batch) {
        Expr output = model.apply(Scope.root(true), batch);
        value(output, Expr.input(TARGET, targets.shape(), targets.dtype()));
        Expr expected = target(output);
        if (!expected.shape().equals(targets.shape()) || expected.dtype() != targets.dtype()) {
            throw new IllegalArgumentException(Errors.targets(loss, output.shape(), expected, targets));
        }
    }
}
