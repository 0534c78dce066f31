package dev.fluxion.serving.spring;

import dev.fluxion.serving.Batching;
import dev.fluxion.serving.ServingListener;
import java.time.Duration;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a model. What is not given is as in {@link Batching#defaults}.
 *
 * @param path the file that Model.export wrote, or classpath: and a resource
 * @param version the version, 1 by default
 * @param maxBatch how many samples a batch has at most
 * @param maxDelay how long a request waits for others while a worker is free
 * @param queue how many samples may wait
 * @param deadline how long a request may wait until its computation begins
 * @param workers how many batches are computed at the same time
 * @param threadsPerWorker how many threads share one of them
 * @param batchInvariant 0, or the number of samples of the only program that computes, so that no bit of an answer depends on what
 *     else is in its batch
 */
public record ModelProperties(
        @Nullable String path,
        @Nullable String version,
        @Nullable Integer maxBatch,
        @Nullable Duration maxDelay,
        @Nullable Integer queue,
        @Nullable Duration deadline,
        @Nullable Integer workers,
        @Nullable Integer threadsPerWorker,
        @Nullable Integer batchInvariant) {

    /** The version, which has a default. */
    String number() {
        return version == null ? "1" : version;
    }

    /**
     * The options of the model's batcher.
     *
     * @throws PropertyException if one is out of range
     */
    Batching batching(String name, ServingListener listener) {
        Options options = new Options(name, Batching.defaults().listener(listener));
        return options.set("max-batch", maxBatch, Batching::maxBatch)
                .set("max-delay", maxDelay, Batching::maxDelay)
                .set("queue", queue, Batching::queue)
                .set("deadline", deadline, Batching::deadline)
                .set("workers", workers, Batching::workers)
                .set("threads-per-worker", threadsPerWorker, Batching::threadsPerWorker)
                .set("batch-invariant", batchInvariant, Batching::batchInvariant)
                .batching();
    }

    /** Options so far. */
    private record Options(String name, Batching batching) {
        <T> Options set(String property, @Nullable T value, BiFunction<Batching, T, Batching> with) {
            try {
                return value == null ? this : new Options(name, with.apply(batching, value));
            } catch (IllegalArgumentException e) {
                throw PropertyException.of(name, property, e);
            }
        }
    }
}
