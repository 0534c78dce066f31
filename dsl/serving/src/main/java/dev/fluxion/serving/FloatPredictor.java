package dev.fluxion.serving;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.concurrent.CompletableFuture;

/**
 * Takes and gives the numbers of one sample.
 *
 * @param service computes them
 * @param sample the shape of one sample, its batch axis included
 */
record FloatPredictor(Service service, Shape sample) implements Predictor<float[], float[]> {
    @Override
    public float[] predict(float[] input) {
        return service.predict(samples(input)).floats();
    }

    @Override
    public CompletableFuture<float[]> submit(float[] input) {
        return service.submit(samples(input)).thenApply(Tensor::floats);
    }

    private Tensor samples(float[] input) {
        Errors.requireLength(sample, Given.require("predict", "the input", input));
        return Tensor.of(input, sample);
    }
}
