package dev.fluxion.serving;

import dev.fluxion.ir.Given;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How requests are put together: {@code Batching.defaults().maxBatch(32).deadline(Duration.ofMillis(50))}.
 *
 * @param maxBatch how many samples a batch has at most; a request with more is a batch by itself
 * @param maxDelay how long a request waits for others while a worker is free; zero takes what is there
 * @param queue how many samples may wait
 * @param deadline how long a request may wait until its computation begins
 * @param workers how many batches are computed at the same time
 * @param threadsPerWorker how many threads share each of them; where requests come one by one, all {@link #threads} do
 * @param batchInvariant 0, or the number of samples of the only program that computes, so that no bit of an answer depends on what
 *     else is in its batch
 * @param padding how samples of different lengths are computed together, or null if each length is computed by itself
 * @param listener who hears what happens
 */
public record Batching(
        int maxBatch,
        Duration maxDelay,
        int queue,
        Duration deadline,
        int workers,
        int threadsPerWorker,
        int batchInvariant,
        @Nullable Padding padding,
        ServingListener listener) {
    /** No deadline. */
    public static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    private static final String BATCHING = "Batching";
    private static final int MOST_SAMPLES = 1 << 16;
    private static final int MOST_THREADS = 1024;

    /** Checks the numbers. */
    public Batching {
        Errors.requireWithin(BATCHING, "maxBatch", 1, MOST_SAMPLES, maxBatch);
        Errors.requireNotNegative(BATCHING, "maxDelay", Given.require(BATCHING, "maxDelay", maxDelay));
        Errors.requireWithin(BATCHING, "queue", 1, Integer.MAX_VALUE, queue);
        Errors.requirePositive(BATCHING, "deadline", Given.require(BATCHING, "deadline", deadline));
        Errors.requireWithin(BATCHING, "workers", 1, MOST_THREADS, workers);
        Errors.requireWithin(BATCHING, "threadsPerWorker", 1, MOST_THREADS, threadsPerWorker);
        Errors.requireWithin(BATCHING, "batchInvariant", 0, MOST_SAMPLES, batchInvariant);
        Given.require(BATCHING, "the listener", listener);
    }

    /**
     * Batches of up to 64 samples, of what is there, 1,024 of which may wait without a deadline; a worker of one thread for each
     * processor that the JVM may use.
     */
    public static Batching defaults() {
        int threads = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
        return new Batching(64, Duration.ZERO, 1024, FOREVER, threads, 1, 0, null, ServingListener.NONE);
    }

    /** How many threads compute at most: those of all workers, up to 1,024. */
    public int threads() {
        return Math.min(MOST_THREADS, workers * threadsPerWorker);
    }

    /** Another number of samples in a batch, from 1 to 65,536. */
    public Batching maxBatch(int samples) {
        return new Batching(
                samples, maxDelay, queue, deadline, workers, threadsPerWorker, batchInvariant, padding, listener);
    }

    /** Another wait for others, which makes larger batches and later answers. */
    public Batching maxDelay(Duration time) {
        return new Batching(
                maxBatch, time, queue, deadline, workers, threadsPerWorker, batchInvariant, padding, listener);
    }

    /** Another number of samples that may wait, at least 1. */
    public Batching queue(int samples) {
        return new Batching(
                maxBatch, maxDelay, samples, deadline, workers, threadsPerWorker, batchInvariant, padding, listener);
    }

    /** Another deadline, counted from when a request is made. */
    public Batching deadline(Duration time) {
        return new Batching(
                maxBatch, maxDelay, queue, time, workers, threadsPerWorker, batchInvariant, padding, listener);
    }

    /** Another number of batches at the same time, from 1 to 1,024. */
    public Batching workers(int count) {
        return new Batching(
                maxBatch, maxDelay, queue, deadline, count, threadsPerWorker, batchInvariant, padding, listener);
    }

    /** Another number of threads for a batch, from 1 to 1,024. */
    public Batching threadsPerWorker(int count) {
        return new Batching(maxBatch, maxDelay, queue, deadline, workers, count, batchInvariant, padding, listener);
    }

    /**
     * Answers whose bits do not depend on what else is in their batch: one program, for so many samples, computes all, as often as a
     * batch needs it; the last time, it is filled up. Without it (0), an answer differs within rounding from that of the request
     * alone. 2 suits convolutions, 8 and more suit large products; the module's page has figures.
     */
    public Batching batchInvariant(int samples) {
        return new Batching(maxBatch, maxDelay, queue, deadline, workers, threadsPerWorker, samples, padding, listener);
    }

    /** Samples of different lengths are padded to a few, and computed together. */
    public Batching padding(Padding toLengths) {
        return new Batching(
                maxBatch,
                maxDelay,
                queue,
                deadline,
                workers,
                threadsPerWorker,
                batchInvariant,
                Given.require(BATCHING, "the padding", toLengths),
                listener);
    }

    /** Another listener. */
    public Batching listener(ServingListener other) {
        return new Batching(
                maxBatch, maxDelay, queue, deadline, workers, threadsPerWorker, batchInvariant, padding, other);
    }
}
