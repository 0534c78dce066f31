package dev.fluxion.dsl.train;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one caller among those of a batch, and where their outputs go: into new tensors, or into a buffer of the
 * caller. It may be computed again and again, after the caller has changed the samples. See {@link BatchPredictor}.
 */
public final class Part {
    private final List<Input> inputs;
    private final List<String> outputs;
    private final Tensor[] given;
    private final BatchShape shape;
    private final @Nullable FloatBuffer into;
    private final Tensor[] computed;

    Part(List<Input> inputs, List<String> outputs, Tensor[] given, BatchShape shape, @Nullable FloatBuffer into) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.given = given;
        this.shape = shape;
        this.into = into;
        this.computed = new Tensor[outputs.size()];
    }

    /** The number of samples. */
    public int rows() {
        return shape.rows();
    }

    /** The extents of the samples that vary, in the order in which the inputs name them: parts of a batch have the same. */
    public List<Integer> extents() {
        return shape.extents();
    }

    /** How large the samples are. */
    BatchShape shape() {
        return shape;
    }

    /**
     * Requires numbers that the model takes: since the part was made, they may have changed.
     *
     * @throws dev.fluxion.ir.ValueException if one is NaN, or infinite where that is not allowed
     */
    public void requireAllowed() {
        for (int i = 0; i < given.length; i++) {
            Program.requireAllowed(inputs.get(i), given[i]);
        }
    }

    /** The result of the network, unless it went into a buffer; to be asked for when it is computed. */
    public Tensor result() {
        return computed[0];
    }

    /** The outputs by name, unless they went into a buffer; none before they are computed. */
    public Tensors outputs() {
        if (computed.length == 1 && computed[0] != null) {
            return Tensors.of(outputs.get(0), computed[0]);
        }
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < computed.length && computed[i] != null; i++) {
            named.put(outputs.get(i), computed[i]);
        }
        return new Tensors(named);
    }

    /** The outputs in their order. */
    Tensor[] computed() {
        return computed;
    }

    /** Writes some samples to those of a program. */
    void write(Program program, int at, int from, int count) {
        for (int i = 0; i < given.length; i++) {
            String name = inputs.get(i).name();
            if (program.reads(name)) {
                program.writeRows(name, at, given[i], from, count);
            }
        }
    }

    /** Makes the samples after the first ones of a program copies of the last of these. */
    void repeat(Program program, int count) {
        for (int i = 0; i < given.length; i++) {
            String name = inputs.get(i).name();
            if (program.reads(name)) {
                program.repeatRows(name, count);
            }
        }
    }

    /** Reads the outputs of a program for these samples alone. */
    void readAll(Program program) {
        for (int i = 0; i < computed.length; i++) {
            computed[i] = program.read(outputs.get(i));
        }
    }

    /** Whether the outputs go into a buffer. */
    boolean isIntoBuffer() {
        return into != null;
    }

    /**
     * Reads the outputs for some samples.
     *
     * @param before the part before, whose shapes are those of this one if it has as many samples
     */
    void read(Program program, int at, int from, int count, @Nullable Part before) {
        if (into != null) {
            program.readRows(outputs.get(0), at, into, from, count);
            return;
        }
        for (int i = 0; i < computed.length; i++) {
            String name = outputs.get(i);
            if (from == 0) {
                Shape all = before != null && before.rows() == rows() && !before.isIntoBuffer()
                        ? before.computed[i].shape()
                        : program.outputShape(name).with(0, rows());
                computed[i] = Predictions.zeros(program.outputType(name), all);
            }
            program.readRows(name, at, computed[i], from, count);
        }
    }
}
