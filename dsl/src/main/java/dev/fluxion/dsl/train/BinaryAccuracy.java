package dev.fluxion.dsl.train;

import dev.fluxion.Metric;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.ir.DType;

/**
 * The fraction of elements that are classified right: see {@link Metrics#binaryAccuracy()}. An output that is NaN is
 * always wrong.
 *
 * @param threshold the number above which an output means yes
 */
public record BinaryAccuracy(double threshold) implements Metric {
    /** Checks the number. */
    public BinaryAccuracy {
        Numbers.requireFinite("binaryAccuracy()", "the threshold", threshold);
    }

    /** This metric with another threshold: 0 for logits, 0.5 for probabilities. */
    public BinaryAccuracy threshold(double above) {
        return new BinaryAccuracy(above);
    }

    @Override
    public String name() {
        return "binaryAccuracy";
    }

    /**
     * The number of right elements over that of the elements of a sample.
     *
     * @throws IllegalArgumentException if the targets have another shape than the outputs, or are neither 0 nor 1
     */
    @Override
    public double sum(Tensor output, Tensor target) {
        Metrics.requireBoth(name(), output, target);
        if (target.dtype() != DType.FLOAT || !target.shape().equals(output.shape())) {
            throw new IllegalArgumentException(Errors.targetsForBinaryAccuracy(output.shape(), target));
        }
        float[] outputs = output.floats();
        float[] targets = target.floats();
        int right = 0;
        for (int i = 0; i < targets.length; i++) {
            if (targets[i] != 0 && targets[i] != 1) {
                throw new IllegalArgumentException(Errors.bitForBinaryAccuracy(targets[i]));
            }
            right += (targets[i] == 1 ? outputs[i] > threshold : outputs[i] <= threshold) ? 1 : 0;
        }
        return targets.length == 0 ? 0 : right * samples(target) / targets.length;
    }
}
