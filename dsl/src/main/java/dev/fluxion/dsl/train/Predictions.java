package dev.fluxion.dsl.train;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** Predicts some outputs of a model for any number of samples, with programs for few batch sizes. */
final class Predictions {
    private final Model model;
    private final List<Input> inputs;
    private final List<String> outputs;
    private final Function<BatchShape, Graph> graph;
    private final BatchSizes sizes;
    private final ProgramPools programs;
    private final Divisions divisions;

    /**
     * Predictions of one kind.
     *
     * @param model the model that predicts
     * @param outputs the names of the graph's outputs
     * @param graph the graph for a batch
     * @param sizes the numbers of rows that have programs
     * @param programs the programs of all kinds of predictions
     */
    Predictions(
            Model model,
            List<String> outputs,
            Function<BatchShape, Graph> graph,
            BatchSizes sizes,
            ProgramPools programs) {
        this.model = model;
        this.inputs = model.network().inputs();
        this.outputs = outputs;
        this.graph = graph;
        this.sizes = sizes;
        this.programs = programs;
        this.divisions = new Divisions(sizes, graph);
    }

    /** The outputs for the rows of the inputs, both in their order. */
    Tensor[] of(Tensor... given) {
        BatchShape all = model.network().shape(given);
        int rows = all.rows();
        Rows result = new Rows(given, rows);
        for (int size : sizes.contains(rows)
                ? List.of(rows)
                : divisions.of(all.extents()).parts(rows)) {
            run(all.rows(size), program -> result.compute(program, size));
        }
        return result.computed;
    }

    /** The rows of the inputs and the outputs so far. */
    private final class Rows {
        private final Tensor[] given;
        private final Tensor[] computed = new Tensor[outputs.size()];
        private final int rows;
        private int done;

        Rows(Tensor[] given, int rows) {
            this.given = given;
            this.rows = rows;
        }

        void compute(Program program, int size) {
            int count = Math.min(rows - done, size);
            for (int i = 0; i < given.length; i++) {
                String name = inputs.get(i).name();
                if (program.reads(name)) {
                    program.writeRows(name, given[i], done, count);
                }
            }
            program.run();
            for (int i = 0; i < computed.length; i++) {
                String name = outputs.get(i);
                if (size == rows) {
                    computed[i] = program.read(name);
                } else {
                    computed[i] = done == 0 ? empty(program, name) : computed[i];
                    program.readRows(name, computed[i], done, count);
                }
            }
            done += count;
        }

        private Tensor empty(Program program, String name) {
            return zeros(program.outputType(name), program.outputShape(name).with(0, rows));
        }
    }

    /** A tensor of zeros. */
    static Tensor zeros(DType type, Shape shape) {
        return type == DType.INT ? Tensor.of(new int[shape.size()], shape) : Tensor.of(new float[shape.size()], shape);
    }

    private void run(BatchShape shape, Consumer<Program> what) {
        programs.run(new ProgramPools.Key(this, shape), () -> compile(shape), what);
    }

    private Program compile(BatchShape shape) {
        return model.compile(graph.apply(shape));
    }

    /** A program for a batch that only the caller uses. */
    Program own(BatchShape shape) {
        Program[] own = new Program[1];
        run(shape, program -> own[0] = program.isForkable() ? program.fork() : compile(shape));
        return own[0];
    }
}
