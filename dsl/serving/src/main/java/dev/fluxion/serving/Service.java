package dev.fluxion.serving;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import java.util.concurrent.CompletableFuture;

/** Answers requests: a {@link Batcher}, or one of several {@link Models}. Any number of threads may ask. */
public interface Service {
    /**
     * The result for samples of the only input, later. The future fails with an {@link IllegalArgumentException} if the samples
     * do not fit, with a {@link RefusedException} if they are not computed, or as the model does. Cancelling it saves the
     * computation if that has not begun. Continuations that are not async run on the thread that computed, which meanwhile
     * computes nothing else.
     */
    CompletableFuture<Tensor> submit(Tensor samples, Terms terms);

    /** All outputs for inputs by name, later; see {@link #submit(Tensor, Terms)}. */
    CompletableFuture<Tensors> submit(Tensors inputs, Terms terms);

    /**
     * The result for samples of the only input, which the calling thread computes if nobody waits, else waits for.
     *
     * @throws IllegalArgumentException if the samples do not fit
     * @throws RefusedException if they are not computed
     */
    Tensor predict(Tensor samples, Terms terms);

    /** All outputs for inputs by name; see {@link #predict(Tensor, Terms)}. */
    Tensors predict(Tensors inputs, Terms terms);

    /** The same on the usual terms: neither before nor after others, with the deadline of the service. */
    default CompletableFuture<Tensor> submit(Tensor samples) {
        return submit(samples, Terms.USUAL);
    }

    /** The same on the usual terms. */
    default CompletableFuture<Tensors> submit(Tensors inputs) {
        return submit(inputs, Terms.USUAL);
    }

    /** The same on the usual terms. */
    default Tensor predict(Tensor samples) {
        return predict(samples, Terms.USUAL);
    }

    /** The same on the usual terms. */
    default Tensors predict(Tensors inputs) {
        return predict(inputs, Terms.USUAL);
    }
}
