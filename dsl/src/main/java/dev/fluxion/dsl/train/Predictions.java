package dev.fluxion.dsl.train;

import dev.fluxion.Tensor;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Predicts for any number of rows with programs for few batch sizes, called by any number of threads. The programs
 * are bounded in number and in bytes: the least recently used ones are evicted.
 */
final class Predictions {
    private static final int MOST = 16;
    private static final long MOST_BYTES = 1L << 30;

    private final Model model;
    private final String output;
    private final IntFunction<Graph> graph;
    private final BatchSizes sizes;
    private final FairSemaphore semaphore;
    private final Map<Integer, ProgramPool> programs = new ConcurrentHashMap<>();

    /** The number of compilations: the clock by which the least recently used program is found. */
    private volatile long compilations;

    private volatile BatchSizes.@Nullable Division division;

    /**
     * Predictions of one kind.
     *
     * @param model the model that predicts
     * @param output the name of the graph's output
     * @param graph the graph for a number of rows
     * @param sizes the numbers of rows that have programs
     * @param semaphore limits the threads that compute, over all kinds of predictions
     */
    Predictions(Model model, String output, IntFunction<Graph> graph, BatchSizes sizes, FairSemaphore semaphore) {
        this.model = model;
        this.output = output;
        this.graph = graph;
        this.sizes = sizes;
        this.semaphore = semaphore;
    }

    /** The outputs for the rows of a tensor. */
    Tensor of(Tensor inputs) {
        int rows = inputs.shape().dim(0);
        Rows result = new Rows(inputs);
        for (int size : sizes.contains(rows) ? List.of(rows) : division().parts(rows)) {
            run(size, program -> result.compute(program, size));
        }
        return result.outputs();
    }

    /** The rows of a tensor and the outputs so far. */
    private final class Rows {
        private final Tensor inputs;
        private @Nullable Tensor outputs;
        private int done;

        Rows(Tensor inputs) {
            this.inputs = inputs;
        }

        Tensor outputs() {
            return Objects.requireNonNull(outputs);
        }

        void compute(Program program, int size) {
            int rows = inputs.shape().dim(0);
            int count = Math.min(rows - done, size);
            if (program.reads(Model.INPUT)) {
                program.writeRows(Model.INPUT, inputs, done, count);
            }
            program.run();
            if (size == rows) {
                outputs = program.read(output);
                return;
            }
            if (outputs == null) {
                Shape all = program.outputShape(output).with(0, rows);
                outputs = program.outputType(output) == DType.INT
                        ? Tensor.of(new int[all.size()], all)
                        : Tensor.of(new float[all.size()], all);
            }
            program.readRows(output, outputs, done, count);
            done += count;
        }
    }

    private void run(int size, Consumer<Program> what) {
        semaphore.run(permit -> run(size, permit, what));
    }

    private void run(int size, int permit, Consumer<Program> what) {
        ProgramPool pool = pool(size);
        Program program = pool.take(permit, compilations);
        while (program == null) {
            pool = pool(size);
            program = pool.take(permit, compilations);
        }
        try {
            what.accept(program);
        } finally {
            pool.give(permit, program);
        }
    }

    /** A program for a number of rows that only the caller uses. */
    Program own(int size) {
        Program[] own = new Program[1];
        run(size, program -> own[0] = program.isForkable() ? program.fork() : model.compile(graph.apply(size)));
        return own[0];
    }

    /** The programs for a number of rows. */
    private ProgramPool pool(int size) {
        ProgramPool known = programs.get(size);
        return known != null ? known : compiled(size);
    }

    private synchronized ProgramPool compiled(int size) {
        ProgramPool meanwhile = programs.get(size);
        if (meanwhile != null) {
            return meanwhile;
        }
        ProgramPool compiled = new ProgramPool(model.compile(graph.apply(size)), semaphore.permits());
        compilations++;
        programs.put(size, compiled);
        evict(compiled);
        return compiled;
    }

    private void evict(ProgramPool newest) {
        while (programs.size() > 1 && (programs.size() > MOST || bytes() > MOST_BYTES)) {
            Map.Entry<Integer, ProgramPool> eldest = programs.entrySet().stream()
                    .filter(e -> e.getValue() != newest)
                    .min(Comparator.comparingLong(e -> e.getValue().lastUse()))
                    .orElseThrow();
            programs.remove(eldest.getKey());
            eldest.getValue().retire();
        }
    }

    /** How rows are divided; they are not where a layer mixes samples. */
    private BatchSizes.Division division() {
        BatchSizes.Division known = division;
        if (known == null) {
            known = isRowwise() ? sizes.division(Compiler.overhead(graph.apply(1))) : BatchSizes.WHOLE;
            division = known;
        }
        return known;
    }

    private boolean isRowwise() {
        try {
            return Compiler.isRowwise(graph.apply(2), graph.apply(3));
        } catch (ShapeException e) {
            // A user's layer that does not take every batch size.
            return false;
        }
    }

    /** The arena bytes of all programs. */
    long bytes() {
        return programs.values().stream().mapToLong(ProgramPool::bytes).sum();
    }

    /** The number of programs. */
    int count() {
        return programs.values().stream().mapToInt(ProgramPool::count).sum();
    }

    /** Closes the programs, after the semaphore has been closed. */
    synchronized void close() {
        programs.values().forEach(ProgramPool::retire);
        programs.clear();
    }
}
