package dev.fluxion.dsl.train;

import dev.fluxion.Tensor;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Program;
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
 * Computes what a network makes of any number of rows, in programs of few sizes, by any number of threads. The programs are
 * bounded in number and in bytes: those that have not been used for longest make room.
 */
final class Predictions {
    private static final int MOST = 16;
    private static final long MOST_BYTES = 1L << 30;

    private final Model model;
    private final String output;
    private final IntFunction<Graph> graph;
    private final BatchSizes sizes;
    private final Turns turns;
    private final Map<Integer, Forks> programs = new ConcurrentHashMap<>();

    /** How many programs were compiled: programs last used before the same compilation are equally old. */
    private volatile long compilations;

    private volatile BatchSizes.@Nullable Division division;

    /**
     * Predictions of one kind.
     *
     * @param model whose they are
     * @param output the name of the graph's output
     * @param graph the graph for a number of rows
     * @param sizes the numbers of rows that have programs
     * @param turns who may compute, of all kinds together
     */
    Predictions(Model model, String output, IntFunction<Graph> graph, BatchSizes sizes, Turns turns) {
        this.model = model;
        this.output = output;
        this.graph = graph;
        this.sizes = sizes;
        this.turns = turns;
    }

    /** What the network makes of the rows of a tensor. */
    Tensor of(Tensor inputs) {
        int rows = inputs.shape().dim(0);
        Rows result = new Rows(inputs);
        for (int size : sizes.contains(rows) ? List.of(rows) : division().parts(rows)) {
            run(size, program -> result.compute(program, size));
        }
        return result.outputs();
    }

    /** The rows of a tensor, of which some have been computed. */
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
                outputs = Tensor.of(new float[all.size()], all);
            }
            program.readRows(output, outputs.floats(), done, count);
            done += count;
        }
    }

    private void run(int size, Consumer<Program> what) {
        turns.run(seat -> run(size, seat, what));
    }

    private void run(int size, int seat, Consumer<Program> what) {
        Forks forks = forks(size);
        Program program = forks.take(seat, compilations);
        while (program == null) {
            forks = forks(size);
            program = forks.take(seat, compilations);
        }
        try {
            what.accept(program);
        } finally {
            forks.give(seat, program);
        }
    }

    /** A program that computes so many rows, for the caller alone. */
    Program own(int size) {
        Program[] own = new Program[1];
        run(size, program -> own[0] = program.isForkable() ? program.fork() : model.compile(graph.apply(size)));
        return own[0];
    }

    /** The programs for a number of rows. */
    private Forks forks(int size) {
        Forks known = programs.get(size);
        return known != null ? known : compiled(size);
    }

    private synchronized Forks compiled(int size) {
        Forks meanwhile = programs.get(size);
        if (meanwhile != null) {
            return meanwhile;
        }
        Forks compiled = new Forks(model.compile(graph.apply(size)), turns.seats());
        compilations++;
        programs.put(size, compiled);
        makeRoom(compiled);
        return compiled;
    }

    private void makeRoom(Forks newest) {
        while (programs.size() > 1 && (programs.size() > MOST || bytes() > MOST_BYTES)) {
            Map.Entry<Integer, Forks> eldest = programs.entrySet().stream()
                    .filter(e -> e.getValue() != newest)
                    .min(Comparator.comparingLong(e -> e.getValue().lastUse()))
                    .orElseThrow();
            programs.remove(eldest.getKey());
            eldest.getValue().retire();
        }
    }

    /** How rows are divided; not at all where a layer mixes them. */
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
            // A layer of the user's that does not take every number of samples.
            return false;
        }
    }

    /** The bytes that all programs compute in. */
    long bytes() {
        return programs.values().stream().mapToLong(Forks::bytes).sum();
    }

    /** How many programs there are. */
    int count() {
        return programs.values().stream().mapToInt(Forks::count).sum();
    }

    /** Closes the programs; no turn may be taken any more. */
    synchronized void close() {
        programs.values().forEach(Forks::retire);
        programs.clear();
    }
}
