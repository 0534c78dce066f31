package dev.fluxion.dsl.train;

import dev.fluxion.Input;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.nio.FloatBuffer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a model predicts: its result, probabilities, all outputs, or some of them and what inner layers make. All kinds of
 * predictions share the programs that they may hold.
 */
final class Outputs {
    private static final String PROBABILITIES = "probabilities";
    /** So many choices of outputs are remembered. */
    private static final int MOST = 64;

    private final Model model;
    private final BatchSizes sizes;
    private final ProgramPools programs;
    private final List<String> names;
    private final Predictions result;
    private final Predictions probabilities;
    private final Map<List<String>, Predictions> some = new ConcurrentHashMap<>();
    private volatile @Nullable Predictions all;

    /**
     * The outputs of a model.
     *
     * @param names the names of the network's outputs, the result first
     */
    Outputs(Model model, List<String> names, BatchSizes sizes, FairSemaphore semaphore) {
        this.model = model;
        this.sizes = sizes;
        this.programs = new ProgramPools(semaphore);
        this.names = names;
        this.result = predictions(List.of(Scope.RESULT), this::result);
        this.probabilities = predictions(List.of(PROBABILITIES), this::softmax);
        some.put(List.of(Scope.RESULT), result);
    }

    private Predictions predictions(List<String> outputs, Function<BatchShape, Graph> graph) {
        return new Predictions(model, outputs, graph, sizes, programs);
    }

    /** The names of the network's outputs, the result first. */
    List<String> names() {
        return names;
    }

    /**
     * Requires that an output, value or layer makes what an input takes.
     *
     * @throws IllegalArgumentException if there is none of this name, or its shape or element type is another
     */
    void requireAlike(String name, Input input) {
        Expr made = model.apply(false, model.network().largest(1)).output(name);
        if (!made.shape().equals(input.batched(1)) || made.dtype() != input.type()) {
            throw new IllegalArgumentException(Errors.notCarried(name, made, input));
        }
    }

    /** The result for samples of the only input. */
    Tensor result(Tensor inputs) {
        return result.of(inputs)[0];
    }

    /** The softmax of the result. */
    Tensor probabilities(Tensor inputs) {
        return probabilities.of(inputs)[0];
    }

    /** Some outputs by name, or by the paths of layers; all outputs if none is named. */
    Tensors of(Tensor[] inputs, List<String> wanted) {
        List<String> outputs = wanted.isEmpty() ? names : wanted;
        Tensor[] computed = some(outputs).of(inputs);
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < computed.length; i++) {
            named.put(outputs.get(i), computed[i]);
        }
        return new Tensors(named);
    }

    /** Samples of one caller, for which all outputs are computed. */
    Part part(Tensor[] inputs) {
        return all().part(inputs, null);
    }

    /**
     * Samples of one caller, whose results go into a buffer.
     *
     * @throws IllegalArgumentException if a layer mixes samples, results are integers, or they do not fill the buffer
     */
    Part part(Tensor[] inputs, FloatBuffer into) {
        Part part = result.part(inputs, into.slice());
        Expr made = model.apply(false, part.shape()).result();
        if (!isRowwise(part) || made.dtype() == DType.INT) {
            throw new IllegalArgumentException(Errors.notIntoBuffer(made));
        }
        if (into.remaining() != made.shape().size() || into.isReadOnly()) {
            throw new IllegalArgumentException(Errors.noRoom(made.shape(), into));
        }
        return part;
    }

    /** Whether a part may be computed beside others. */
    boolean isRowwise(Part part) {
        return all().isRowwise(part.extents());
    }

    /** The sizes of programs for up to so many samples, of the extents of a part. */
    Collection<Integer> sizes(Part part, int rows) {
        return all().sizes(part.extents(), rows);
    }

    /** What computes all outputs for some parts. */
    Runnable prepare(List<Part> parts) {
        return all().prepare(parts);
    }

    /** Makes all that batches of as many samples as a part has need. */
    void warmUp(Part part) {
        all().warmUp(part);
    }

    /** All outputs, as batches want them. */
    private Predictions all() {
        Predictions known = all;
        if (known == null) {
            known = some(names);
            all = known;
        }
        return known;
    }

    private Predictions some(List<String> outputs) {
        Predictions known = some.get(outputs);
        if (known != null) {
            return known;
        }
        graph(outputs, model.network().largest(1)); // refuses unknown names
        Predictions made = predictions(outputs, batch -> graph(outputs, batch));
        if (some.size() >= MOST) {
            return made;
        }
        Predictions meanwhile = some.putIfAbsent(outputs, made);
        return meanwhile == null ? made : meanwhile;
    }

    /** A program for all outputs that only the caller uses. */
    Program own(BatchShape batch) {
        return all().own(batch);
    }

    /** The graph of all outputs. */
    Graph graph(BatchShape batch) {
        return graph(names, batch);
    }

    private Graph graph(List<String> outputs, BatchShape batch) {
        Applied applied = model.apply(false, batch);
        Map<String, Expr> chosen = new LinkedHashMap<>();
        outputs.forEach(name -> chosen.put(name, applied.output(name)));
        return Graph.of(chosen);
    }

    private Graph result(BatchShape batch) {
        return graph(List.of(Scope.RESULT), batch);
    }

    private Graph softmax(BatchShape batch) {
        return Graph.of(Map.of(PROBABILITIES, model.apply(false, batch).result().softmax(1)));
    }

    /** The programs that are held. */
    ProgramPools programs() {
        return programs;
    }
}
