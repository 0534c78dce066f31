package dev.fluxion.serving.spring;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.serving.Predictor;
import dev.fluxion.serving.Service;
import dev.fluxion.serving.Terms;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The bean of a model: for tensors, and, if it has one floating-point input, for arrays. */
final class ServedModel implements Service, Predictor<float[], float[]> {
    private final String name;
    private final Service service;
    private final @Nullable Predictor<float[], float[]> arrays;

    ServedModel(ModelLoader loader, String name) {
        this.name = name;
        this.service = loader.models().service(name);
        int[] sample = loader.sample(name);
        this.arrays = sample == null ? null : Predictor.of(service, sample);
    }

    private Predictor<float[], float[]> arrays() {
        if (arrays == null) {
            throw new IllegalStateException(
                    "predict: '" + name
                            + "' has other inputs than one of floating-point numbers of fixed extents; inject it as a Service, and give it tensors");
        }
        return arrays;
    }

    @Override
    public float[] predict(float[] input) {
        return arrays().predict(input);
    }

    @Override
    public CompletableFuture<float[]> submit(float[] input) {
        return arrays().submit(input);
    }

    @Override
    public CompletableFuture<Tensor> submit(Tensor samples, Terms terms) {
        return service.submit(samples, terms);
    }

    @Override
    public CompletableFuture<Tensors> submit(Tensors inputs, Terms terms) {
        return service.submit(inputs, terms);
    }

    @Override
    public Tensor predict(Tensor samples, Terms terms) {
        return service.predict(samples, terms);
    }

    @Override
    public Tensors predict(Tensors inputs, Terms terms) {
        return service.predict(inputs, terms);
    }
}
