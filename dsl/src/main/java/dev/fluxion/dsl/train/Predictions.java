package dev.fluxion.dsl.train;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
        BatchShape shape = model.network().shape(given);
        if (shape.rows() == 0) {
            return ofNothing(shape, given);
        }
        Part all = part(given, null);
        prepare(List.of(all)).run();
        return all.computed();
    }

    /** What there is for no samples, by a program that is not kept. */
    private Tensor[] ofNothing(BatchShape shape, Tensor[] given) {
        try (Program program = compile(shape)) {
            for (int i = 0; i < given.length; i++) {
                if (program.reads(inputs.get(i).name())) {
                    program.write(inputs.get(i).name(), given[i]);
                }
            }
            program.run();
            return outputs.stream().map(program::read).toArray(Tensor[]::new);
        }
    }

    /** Samples in the order of the inputs, which fit them, and where their outputs go. */
    Part part(Tensor[] given, @Nullable FloatBuffer into) {
        return new Part(inputs, outputs, given, model.network().shape(given), into);
    }

    /**
     * What computes the samples of some callers, which have the same extents, as one batch. It may run again and again, which
     * allocates nothing but new outputs.
     */
    Runnable prepare(List<Part> parts) {
        JoinedRows rows = new JoinedRows(parts);
        BatchShape all = rows.shape();
        if (sizes.contains(all.rows())) {
            Runnable run = prepare(rows, all);
            return () -> {
                rows.begin();
                run.run();
            };
        }
        List<Integer> divided = divisions.of(all.extents()).parts(all.rows());
        Runnable[] runs = new Runnable[divided.size()];
        for (int i = 0; i < runs.length; i++) {
            runs[i] = prepare(rows, all.rows(divided.get(i)));
        }
        return () -> {
            rows.begin();
            for (Runnable run : runs) {
                run.run();
            }
        };
    }

    private Runnable prepare(JoinedRows rows, BatchShape shape) {
        return prepare(shape, program -> rows.compute(program, shape.rows()));
    }

    /** Makes all that batches of a size need which has a program, so that none waits for it, and keeps it. */
    void warmUp(Part samples) {
        divisions.of(samples.extents());
        JoinedRows rows = new JoinedRows(List.of(samples));
        BatchShape shape = rows.shape();
        programs.warmUp(new ProgramPools.Key(this, shape), () -> compile(shape), program -> {
            rows.begin();
            try {
                rows.compute(program, shape.rows());
            } catch (ValueException e) {
                // A length, for instance, is not zero; the program is compiled all the same.
            }
        });
    }

    /** The sizes of programs for up to so many samples of some extents. */
    Collection<Integer> sizes(List<Integer> extents, int rows) {
        return isRowwise(extents) ? divisions.of(extents).upTo(rows) : sizes.upTo(rows);
    }

    /** Whether samples of some extents may be computed beside others. */
    boolean isRowwise(List<Integer> extents) {
        return divisions.of(extents) != BatchSizes.WHOLE;
    }

    /** A tensor of zeros. */
    static Tensor zeros(DType type, Shape shape) {
        return type == DType.INT ? Tensor.of(new int[shape.size()], shape) : Tensor.of(new float[shape.size()], shape);
    }

    private Runnable prepare(BatchShape shape, Consumer<Program> what) {
        return programs.prepare(new ProgramPools.Key(this, shape), () -> compile(shape), what);
    }

    private Program compile(BatchShape shape) {
        return model.compile(graph.apply(shape));
    }

    /** A program for a batch that only the caller uses. */
    Program own(BatchShape shape) {
        Program[] own = new Program[1];
        prepare(shape, program -> own[0] = program.isForkable() ? program.fork() : compile(shape))
                .run();
        return own[0];
    }
}
