package dev.fluxion.dsl.train;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.ir.Given;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Predicts batches that are put together from the samples of several callers, as a service does:
 * {@code predictor.prepare(List.of(one, another)).run()}. It has the parameters of its model, which
 * may be trained meanwhile, but programs and threads of its own. Closing the model ends it. Any number of threads may use
 * it.
 */
public final class BatchPredictor implements AutoCloseable {
    private final Model model;

    /** Predictions of a model that nobody else has. */
    BatchPredictor(Model model) {
        this.model = model;
    }

    /** The inputs of the model, in order. */
    public List<Input> inputs() {
        return model.network().inputs();
    }

    /** The names of the outputs of the model, its result first. */
    public List<String> outputs() {
        return model.outputs().names();
    }

    /**
     * Samples whose outputs go into new tensors.
     *
     * @param inputs each input of the model, batch along the first axis; they are not copied
     * @throws IllegalArgumentException if an input is missing, unknown, or has another shape, element type or number of samples
     */
    public Part part(Tensors inputs) {
        return model.outputs().part(require(inputs));
    }

    /** The same for the only input. */
    public Part part(Tensor samples) {
        return model.outputs().part(new Tensor[] {model.network().only(Given.require("part", "the samples", samples))});
    }

    /**
     * Samples whose results, those of the network alone, go into a buffer from its position on.
     *
     * @param inputs each input of the model, batch along the first axis; they are not copied
     * @param into as many numbers as the result has; its position stays
     * @throws IllegalArgumentException if inputs do not fit, the buffer has another number of elements left or is read-only, a
     *     layer mixes the samples of a batch, or the result has integers
     */
    public Part part(Tensors inputs, FloatBuffer into) {
        return model.outputs().part(require(inputs), Given.require("part", "the buffer", into));
    }

    private Tensor[] require(Tensors inputs) {
        return model.network().require(Given.require("part", "the inputs", inputs));
    }

    /** Whether a part may be computed beside others: no layer mixes the samples of a batch. */
    public boolean joins(Part part) {
        return model.outputs().isRowwise(Given.require("joins", "the part", part));
    }

    /**
     * What computes parts as one batch, after which each has its outputs. It may run again and again, by one thread at a time; that
     * allocates nothing but new outputs. Threads wait while as many compute as may at the same time. It throws an {@link
     * IllegalArgumentException} if the model does not take a number of one of the parts, and an {@link IllegalStateException} if this
     * predictor or its model is closed; no part has outputs then.
     *
     * @param parts some parts of this predictor with the same extents, which {@link #joins join} if there are several
     */
    public Runnable prepare(List<Part> parts) {
        Given.require("prepare", "the parts", parts).forEach(part -> Given.require("prepare", "a part", part));
        Numbers.requireAtLeast("prepare", "the number of parts", 1, parts.size());
        return model.outputs().prepare(parts);
    }

    /**
     * Compiles the programs for batches of the largest samples, as many of each as are computed at once, and runs them with zeros, if
     * the model takes these. They are kept, however many they are.
     *
     * @param maxBatch how many samples there are at most
     */
    public void warmUp(int maxBatch) {
        warmUp(maxBatch, Map.of());
    }

    /** The same for samples of other extents, by their names. */
    public void warmUp(int maxBatch, Map<String, Integer> extents) {
        Given.require("warmUp", "the extents", extents);
        Part one = zeros(1, extents);
        for (int size : model.outputs().sizes(one, Model.requireBatch("warmUp", maxBatch))) {
            model.outputs().warmUp(zeros(size, extents));
        }
    }

    private Part zeros(int rows, Map<String, Integer> extents) {
        Map<String, Tensor> zeros = new LinkedHashMap<>();
        for (Input input : inputs()) {
            zeros.put(
                    input.name(),
                    Predictions.zeros(input.type(), input.at(extents).batched(rows)));
        }
        return part(new Tensors(zeros));
    }

    /** The native memory of the model's parameters and of the programs of this predictor. */
    public ModelMemory memory() {
        return model.memory();
    }

    /** Waits for running predictions, then frees the programs; the model stays open. Closing again does nothing. */
    @Override
    public void close() {
        model.closePrograms();
    }
}
