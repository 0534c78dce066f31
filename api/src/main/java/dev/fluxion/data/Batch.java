package dev.fluxion.data;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.Map;

/**
 * Some samples and their targets: {@code new Batch(images, labels)}, or several of both by name.
 *
 * @param allInputs the samples along the first axis
 * @param allTargets the targets along the first axis; there may be none
 */
public record Batch(Tensors allInputs, Tensors allTargets) {
    private static final String BATCH = "Batch";

    /** Checks that there are as many targets as samples, and at least one. */
    public Batch {
        Given.require(BATCH, "the inputs", allInputs);
        Given.require(BATCH, "the targets", allTargets);
        if (allInputs.all().isEmpty()) {
            throw new IllegalArgumentException(Errors.noInputs());
        }
        Map.Entry<String, Tensor> first = allInputs.all().entrySet().iterator().next();
        allInputs.all().forEach((name, t) -> requireAsMany(first, "input", name, t.shape()));
        allTargets.all().forEach((name, t) -> requireAsMany(first, "target", name, t.shape()));
        if (first.getValue().shape().dim(0) == 0) {
            throw new IllegalArgumentException(Errors.emptyBatch());
        }
    }

    /** Samples and targets of a model with one input and a loss with one target. */
    public Batch(Tensor inputs, Tensor targets) {
        this(
                Tensors.of(Given.require(BATCH, "the inputs", inputs)),
                Tensors.of(Given.require(BATCH, "the targets", targets)));
    }

    private static void requireAsMany(Map.Entry<String, Tensor> first, String kind, String name, Shape shape) {
        Shape all = first.getValue().shape();
        if (all.rank() == 0 || shape.rank() == 0 || all.dim(0) != shape.dim(0)) {
            throw new IllegalArgumentException(Errors.batchDisagrees(first.getKey(), all, kind, name, shape));
        }
    }

    /**
     * The samples, where the model has one input.
     *
     * @throws IllegalStateException if there are several
     */
    public Tensor inputs() {
        return allInputs.only();
    }

    /**
     * The targets, where the loss has one.
     *
     * @throws IllegalStateException if there are several, or none
     */
    public Tensor targets() {
        return allTargets.only();
    }

    /** The number of samples. */
    public int size() {
        return allInputs.all().values().iterator().next().shape().dim(0);
    }
}
