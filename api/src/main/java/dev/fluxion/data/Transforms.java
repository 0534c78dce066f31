package dev.fluxion.data;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.function.UnaryOperator;

/** Functions for {@link Dataset#map}. Any other function from batch to batch does as well. */
public final class Transforms {
    private Transforms() {}

    /**
     * (x − mean) / std for inputs of one channel (batch, 1, …).
     *
     * @throws IllegalArgumentException if the standard deviation is not positive and finite
     */
    public static UnaryOperator<Batch> normalize(float mean, float std) {
        return normalize(new float[] {mean}, new float[] {std});
    }

    /**
     * (x − mean) / std with a mean and a standard deviation for each channel of inputs (batch, channels, …).
     *
     * @throws IllegalArgumentException if there are not as many means as deviations, or a deviation is not positive and
     *     finite; and later, from the function, if the inputs have another number of channels
     */
    public static UnaryOperator<Batch> normalize(float[] mean, float[] std) {
        Given.require("normalize", "the means", mean);
        Given.require("normalize", "the standard deviations", std);
        if (mean.length != std.length || mean.length == 0) {
            throw new IllegalArgumentException(Errors.channelsDisagree(mean.length, std.length));
        }
        for (float s : std) {
            if (!(s > 0 && Float.isFinite(s))) {
                throw new IllegalArgumentException(Errors.badDeviation(s));
            }
        }
        float[] means = mean.clone();
        float[] stds = std.clone();
        return batch -> new Batch(Tensors.of(normalized(batch.inputs(), means, stds)), batch.allTargets());
    }

    private static Tensor normalized(Tensor inputs, float[] mean, float[] std) {
        Shape shape = inputs.shape();
        if (shape.rank() < 2 || shape.dim(1) != mean.length) {
            throw new IllegalArgumentException(Errors.cannotNormalize(shape, mean.length));
        }
        float[] from = inputs.floats();
        float[] to = new float[from.length];
        int plane = from.length / (shape.dim(0) * mean.length);
        for (int i = 0; i < from.length; i++) {
            int channel = i / plane % mean.length;
            to[i] = (from[i] - mean[channel]) / std[channel];
        }
        return Tensor.of(to, shape);
    }
}
