package dev.fluxion.dsl.train;

import dev.fluxion.Optimizer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.dsl.lint.Findings;
import dev.fluxion.dsl.watch.GradientLint;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/** Builds the graphs of a training: of a step, of forward and backward, and of the update with accumulated gradients. */
record TrainingGraphs(Model model, Objective objective, Optimizer optimizer, List<String> trained, Findings findings) {
    static final String LOSS = "loss";
    static final String GRADIENT = "gradient";
    static final String STEP = "step";
    static final String FORWARD = "forward";
    static final String BACKWARD = "backward";
    static final String UPDATE = "update";
    static final String COLLECTED = "collected";

    /** What a step computes; the updates are those of the buffers. */
    private record Built(
            Map<String, Expr> outputs, List<Expr> parameters, List<Expr> gradients, List<Update> updates) {}

    /** What a step does with the gradients of a batch, where several batches make an update. */
    enum Part {
        /** They are collected, in place of what was. */
        FIRST,
        /** They are added to those that were collected. */
        MORE,
        /** The parameters are updated: with these, or, where there are more, with their mean. */
        LAST;

        /** The part of a batch, from how many were collected before it. */
        static Part of(int collected, int batches) {
            return collected >= batches - 1 ? LAST : collected == 0 ? FIRST : MORE;
        }
    }

    /** Forward, backward and update, or what comes before it, as one stage. */
    Graph step(Part part, BatchShape batch, List<Objective.Kind> targets) {
        Built p = built(batch, targets);
        List<Expr> collected = kept(COLLECTED, p.parameters);
        List<Update> updates = new ArrayList<>(
                switch (part) {
                    case FIRST -> List.of(new Update(collected, p.gradients, (sum, g, state) -> g));
                    case MORE -> List.of(new Update(collected, p.gradients, (sum, g, state) -> sum.add(g)));
                    case LAST -> updates(p.parameters, mean(collected, p.gradients));
                });
        updates.addAll(p.updates);
        return Graph.of(new Graph.Stage(STEP, p.outputs, updates));
    }

    private List<Expr> mean(List<Expr> collected, List<Expr> gradients) {
        int batches = optimizer.batches();
        return batches == 1
                ? gradients
                : IntStream.range(0, gradients.size())
                        .mapToObj(i -> collected.get(i).add(gradients.get(i)).mul(1.0 / batches))
                        .toList();
    }

    /** What the optimizer keeps for the parameters, and where it collects gradients. */
    Set<Slot> slots() {
        Set<Slot> slots = new LinkedHashSet<>();
        List<Expr> parameters = parameters();
        for (Update update : updates(parameters, kept(GRADIENT, parameters))) {
            List<String> names = Update.kept(update.rule());
            for (Expr e : update.parameters()) {
                Leaf.Variable variable = (Leaf.Variable) e.op();
                if (variable instanceof Leaf.Kept kept) {
                    slots.add(kept.slot());
                }
                names.forEach(name -> slots.add(Slot.optimizer(name, variable.parameter())));
            }
        }
        if (optimizer.batches() > 1) {
            trained.forEach(name -> slots.add(Slot.training(COLLECTED, name)));
        }
        return slots;
    }

    /** Forward and backward as stages; forward changes the buffers, backward adds to the accumulated gradients. */
    Graph explicit(BatchShape batch, List<Objective.Kind> targets) {
        Built p = built(batch, targets);
        Update add = new Update(kept(GRADIENT, p.parameters), p.gradients, (sum, g, kept) -> sum.add(g));
        return Graph.of(
                new Graph.Stage(FORWARD, p.outputs, p.updates), new Graph.Stage(BACKWARD, Map.of(), List.of(add)));
    }

    /** The update with the accumulated gradients. */
    Graph update() {
        List<Expr> parameters = parameters();
        return Graph.of(new Graph.Stage(UPDATE, Map.of(), updates(parameters, kept(GRADIENT, parameters))));
    }

    /** What the optimizer does, which is users' code. */
    private List<Update> updates(List<Expr> parameters, List<Expr> gradients) {
        String name = Text.of(optimizer);
        List<Update> updates = Given.each(name, "an update", optimizer.updates(parameters, gradients));
        Set<Op> changed = new HashSet<>();
        for (Update update : updates) {
            for (Expr e : update.parameters()) {
                if (!changed.add(e.op())) {
                    throw new IllegalArgumentException(Errors.updatedTwice(name, e.op()));
                }
            }
        }
        return updates;
    }

    private List<Expr> parameters() {
        return trained.stream()
                .map(name -> Expr.parameter(name, model.parameters().shape(name)))
                .toList();
    }

    private static List<Expr> kept(String name, List<Expr> parameters) {
        return parameters.stream()
                .map(e -> Expr.kept(Slot.training(name, ((Leaf.Parameter) e.op()).name()), e.shape()))
                .toList();
    }

    private Built built(BatchShape batch, List<Objective.Kind> targets) {
        Built built = findings.during(() -> model.building(() -> build(batch, targets)));
        GradientLint.look(findings, built.parameters, built.gradients);
        return built;
    }

    private Built build(BatchShape batch, List<Objective.Kind> targets) {
        Applied applied = model.apply(true, batch);
        Expr value = objective.value(applied.outputs(), targets);
        List<Expr> parameters = new ArrayList<>();
        applied.parameters().forEach((name, e) -> {
            if (trained.contains(name)) {
                parameters.add(e);
            }
        });
        Map<String, Expr> outputs = new LinkedHashMap<>();
        outputs.put(Scope.RESULT, applied.result());
        outputs.put(LOSS, value);
        Map<Expr, Expr> next = new LinkedHashMap<>();
        applied.updates()
                .forEach((name, e) ->
                        next.put(Objects.requireNonNull(applied.buffers().get(name)), e));
        List<Update> updates = next.isEmpty() ? List.of() : List.of(Update.assign(next));
        return new Built(outputs, parameters, Gradients.of(value, parameters), updates);
    }
}
