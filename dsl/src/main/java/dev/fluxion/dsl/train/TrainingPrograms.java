package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.train.TrainingGraphs.FORWARD;
import static dev.fluxion.dsl.train.TrainingGraphs.STEP;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.train.TrainingGraphs.Part;
import dev.fluxion.engine.Arena;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Program;
import dev.fluxion.engine.RunState;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Graph;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The programs of a training, compiled when a batch first needs them, and what they read of a batch. */
final class TrainingPrograms implements AutoCloseable {
    private final Model model;
    private final TrainingGraphs graphs;
    private final RunState state;
    private final LeakWarning watch;
    private final ProgramCache<Key> programs = new ProgramCache<>();

    private @Nullable Program update;

    /** What a program is for. */
    private record Key(String form, BatchShape batch, List<Objective.Kind> targets) {}

    TrainingPrograms(Model model, TrainingGraphs graphs, RunState state, LeakWarning watch) {
        this.model = model;
        this.graphs = graphs;
        this.state = state;
        this.watch = watch;
    }

    /** Forward, backward and what becomes of the gradients, for a batch with these inputs. */
    Program step(Part part, Tensor[] inputs, Batch batch) {
        List<Objective.Kind> targets = objective().kinds(batch);
        BatchShape shape = model.network().shape(inputs);
        return programs.get(
                new Key(form(part), shape, targets), arena -> compile(graphs.step(part, shape, targets), arena));
    }

    private static String form(Part part) {
        return part == Part.LAST ? STEP : part == Part.MORE ? "more" : "first";
    }

    /** Forward and backward as stages, for a batch with these inputs. */
    Program explicit(Tensor[] inputs, Batch batch) {
        List<Objective.Kind> targets = objective().kinds(batch);
        BatchShape shape = model.network().shape(inputs);
        return programs.get(new Key(FORWARD, shape, targets), arena -> compile(graphs.explicit(shape, targets), arena));
    }

    /** The update with the accumulated gradients. It has an arena of its own, so that outputs can be read after it. */
    Program update() {
        Program known = update;
        if (known == null) {
            known = compile(graphs.update(), new Arena());
            update = known;
        }
        return known;
    }

    /** The graph of a step for a number of the largest samples. */
    Graph graph(int rows) {
        return graphs.step(Part.LAST, largest("graph", rows), objective().kinds("graph"));
    }

    /** The graph of a step for batches like this one. */
    Graph graph(Batch batch) {
        return graphs.step(Part.LAST, shape("graph", batch), objective().kinds(batch));
    }

    /** The program of a step for a number of the largest samples, for a caller that keeps it. */
    Program give(int rows) {
        return give(largest("program", rows), objective().kinds("program"));
    }

    /** The program of a step for batches like this one, for a caller that keeps it. */
    Program give(Batch batch) {
        return give(shape("program", batch), objective().kinds(batch));
    }

    private Program give(BatchShape batch, List<Objective.Kind> targets) {
        return programs.give(
                new Key(STEP, batch, targets), arena -> compile(graphs.step(Part.LAST, batch, targets), arena));
    }

    private BatchShape largest(String method, int rows) {
        return model.network().largest(Model.requireBatch(method, rows));
    }

    private BatchShape shape(String method, Batch batch) {
        Network network = model.network();
        return network.shape(
                network.require(Given.require(method, "the batch", batch).allInputs()));
    }

    /** Writes the inputs that a program reads: a layer may ignore its input, and a loss its target. */
    void write(Program program, Tensor[] inputs, Batch batch) {
        for (int i = 0; i < inputs.length; i++) {
            String name = model.network().inputs().get(i).name();
            if (program.reads(name)) {
                program.write(name, inputs[i]);
            }
        }
        for (int i = 0; i < objective().targets(); i++) {
            if (program.reads(objective().leaf(i))) {
                writeTarget(program, objective().leaf(i), objective().target(batch, i), inputs);
            }
        }
    }

    private void writeTarget(Program program, String name, Tensor target, Tensor... inputs) {
        try {
            program.write(name, target);
        } catch (IllegalArgumentException e) {
            objective()
                    .requireTarget(
                            model.apply(true, model.network().shape(inputs)).outputs(), target);
            throw e;
        }
    }

    private Program compile(Graph graph, Arena arena) {
        watch.used();
        return Compiler.compile(graph, model.parameters(), state, model.options(), arena);
    }

    private Objective objective() {
        return graphs.objective();
    }

    @Override
    public void close() {
        programs.close();
        if (update != null) {
            update.close();
        }
    }
}
