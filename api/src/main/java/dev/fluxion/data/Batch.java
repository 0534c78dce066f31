package dev.fluxion.data;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Given;

/**
 * Some samples and their targets.
 *
 * @param inputs the samples along the first axis
 * @param targets the targets along the first axis
 */
public record Batch(Tensor inputs, Tensor targets) {
    /** Checks that there are as many targets as samples, and at least one. */
    public Batch {
        Given.require("Batch", "the inputs", inputs);
        Given.require("Batch", "the targets", targets);
        if (inputs.shape().rank() == 0
                || targets.shape().rank() == 0
                || inputs.shape().dim(0) != targets.shape().dim(0)) {
            throw new IllegalArgumentException(Errors.batchDisagrees(inputs.shape(), targets.shape()));
        }
        if (inputs.shape().dim(0) == 0) {
            throw new IllegalArgumentException(Errors.emptyBatch());
        }
    }

    /** The number of samples. */
    public int size() {
        return inputs.shape().dim(0);
    }
}
