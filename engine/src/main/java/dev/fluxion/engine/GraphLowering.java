package dev.fluxion.engine;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Division;
import dev.fluxion.engine.plan.MemoryPlan;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Replay;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.rule.Choice;
import dev.fluxion.engine.rule.Emitters;
import dev.fluxion.engine.rule.Fusion;
import dev.fluxion.engine.rule.Rule;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.engine.run.Plan;
import dev.fluxion.engine.store.ParameterStore;
import dev.fluxion.engine.update.GuardSpec;
import dev.fluxion.engine.update.UpdateLowering;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Emits the steps of a graph, stage by stage: of all that its results and updates ask for. */
final class GraphLowering {
    private final Graph graph;
    private final Lowering lowering;
    private final Choice choice;
    private final Emitters emitters;
    private final UpdateLowering updater;
    private final Map<String, List<GuardSpec>> guards = new HashMap<>();
    /** The steps of stages in parts. */
    private final Map<String, List<Step>> divided = new HashMap<>();

    /** Chooses the forms of a graph; what it holds is to be freed. */
    GraphLowering(BatchPartition.Tiled tiled, ParameterStore parameters, RuleBook rules) {
        this.graph = tiled.graph();
        this.lowering = new Lowering(tiled, parameters, rules.has(RuleBook.Form.SPREAD_REORDERS));
        this.updater = new UpdateLowering(lowering, rules);
        this.emitters = Emitters.of(lowering, rules);
        try {
            Fusion fusion = new Fusion(tiled, lowering.readers(), rules, lowering.facts());
            for (Graph.Stage stage : graph.stages()) {
                lowering.pinResults(stage);
                updater.pinGradients(stage);
            }
            this.choice = new Choice(tiled, fusion, rules, parameters, lowering.facts());
            choice.choose(updater::operands);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Frees what the steps share. */
    void close() {
        lowering.shared().close();
    }

    /** The forms that were chosen, in the order in which they are emitted. */
    List<Rule.Match> matches() {
        List<Rule.Match> matches = new ArrayList<>();
        for (Graph.Stage stage : graph.stages()) {
            matches.addAll(choice.of(stage));
        }
        return matches;
    }

    Graph graph() {
        return graph;
    }

    /** The steps that run only when parameters have changed. */
    List<Step> prologue() {
        return lowering.prologue();
    }

    /** The steps of a stage, in an order in which they could run one after the other. */
    List<Step> steps(Graph.Stage stage) {
        return divided.getOrDefault(stage.name(), lowering.steps(stage));
    }

    /** Shares the work of steps among threads; see {@link Division#of}. */
    void divide(int threads, double scale) {
        for (Graph.Stage stage : graph.stages()) {
            divided.put(stage.name(), Division.of(lowering.steps(stage), threads, scale, lowering.library()));
        }
    }

    /** The steps in the order in which they were emitted, for {@link Replay}. */
    Replay.Program emitted() {
        return scheduled(graph.stages().stream()
                .map(stage -> List.of(Phase.serial(steps(stage))))
                .toList());
    }

    /** The steps in the phases of each stage, for {@link Replay}. */
    Replay.Program scheduled(List<List<Phase>> stages) {
        return new Replay.Program(
                List.of(Phase.serial(prologue())),
                stages,
                Stream.concat(
                                graph.inputs().stream().map(e -> lowering.input(((Leaf.Input) e.op()).name())),
                                lowering.squares().values().stream())
                        .toList(),
                graph.stages().stream().map(this::outputs).toList());
    }

    private Map<String, Buffer> outputs(Graph.Stage stage) {
        Map<String, Buffer> outputs = new HashMap<>();
        stage.outputs().keySet().forEach(name -> outputs.put(name, lowering.output(name)));
        return outputs;
    }

    /** Emits all steps. */
    void lower() {
        choice.forEach(emitters::prepare);
        for (Graph.Stage stage : graph.stages()) {
            lower(stage);
        }
    }

    private void lower(Graph.Stage stage) {
        for (Rule.Match match : choice.of(stage)) {
            emit(match);
        }
        for (Expr e : stage.outputs().values()) {
            lowering.materialise(e);
        }
        for (Expr e : stage.carried().values()) {
            lowering.materialise(e);
        }
        for (Update update : stage.updates()) {
            update.gradients().stream().filter(g -> !updater.isTaken(g)).forEach(lowering::materialise);
        }
        updater.lower(stage);
        guards.put(
                stage.name(),
                stage.updates().stream()
                        .filter(update -> !update.parameters().isEmpty())
                        .map(updater::guard)
                        .toList());
        lowering.endStage(stage.name(), !stage.updates().isEmpty());
    }

    /** Emits the steps of a match, which make what it says. */
    private void emit(Rule.Match match) {
        match.emission().emit(emitters);
        for (Rule.Laid laid : match.makes()) {
            lowering.value(laid.value(), laid.layout());
        }
    }

    /** The plan of the steps, given the phases of each stage. */
    Plan plan(List<List<Phase>> schedule) {
        List<Phase> phases = new ArrayList<>(List.of(Phase.serial(prologue())));
        List<Plan.Stage> stages = new ArrayList<>();
        List<Plan.Io> outputs = new ArrayList<>();
        for (Graph.Stage stage : graph.stages()) {
            int from = phases.size() - 1;
            phases.addAll(schedule.get(stages.size()));
            boolean trains = stage.updates().stream()
                    .flatMap(update -> update.parameters().stream())
                    .anyMatch(p -> p.op() instanceof Leaf.Parameter);
            stages.add(new Plan.Stage(
                    stage.name(),
                    from,
                    phases.size() - 1,
                    trains,
                    stage.updates().stream().map(updater::number).toList(),
                    Objects.requireNonNull(guards.get(stage.name()))));
            stage.outputs().forEach((name, e) -> outputs.add(new Plan.Io(name, e, lowering.output(name), null)));
        }
        MemoryPlan memory = MemoryPlan.of(phases, stages.size() > 1);
        return new Plan(
                phases,
                stages,
                graph.inputs().stream().map(e -> input(e, memory)).toList(),
                outputs,
                graph.order().stream().anyMatch(e -> e.op() instanceof Leaf.Uniform),
                memory,
                Plan.groups(prologue()),
                lowering.shared());
    }

    private Plan.Io input(Expr e, MemoryPlan memory) {
        String name = ((Leaf.Input) e.op()).name();
        Buffer squares = lowering.squares().get(name);
        boolean read = squares != null && memory.contains(squares);
        return new Plan.Io(name, e, lowering.input(name), read ? squares : null);
    }
}
