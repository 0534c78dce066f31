package dev.fluxion.serving.micrometer;

import dev.fluxion.ir.Given;
import dev.fluxion.serving.Batcher;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.Refusal;
import dev.fluxion.serving.ServingListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;

/**
 * The meters of a model, as the listener of its batcher, or of all batchers of its versions:
 *
 * <pre>{@code
 * ServingMeters meters = ServingMeters.of(registry, "digits");
 * Batcher batcher = Batcher.of(model, Batching.defaults().listener(meters));
 * meters.watch(batcher);
 * }</pre>
 *
 * <p>Each has the tag {@code model}.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>kind</th><th>what</th></tr>
 * <tr><td>{@code fluxion.requests}</td><td>counter</td><td>requests; the tag {@code outcome} is {@code answered} or why a request was
 *     refused, as {@code full}</td></tr>
 * <tr><td>{@code fluxion.samples}</td><td>counter</td><td>samples that were answered</td></tr>
 * <tr><td>{@code fluxion.request.queue}</td><td>timer with histogram</td><td>how long answered requests waited</td></tr>
 * <tr><td>{@code fluxion.batch.compute}</td><td>timer with histogram</td><td>how long batches were computed; its count is that of
 *     batches</td></tr>
 * <tr><td>{@code fluxion.batch.samples}</td><td>summary with histogram</td><td>how many samples batches had</td></tr>
 * <tr><td>{@code fluxion.requests.inflight}</td><td>gauge</td><td>requests that wait or are computed</td></tr>
 * <tr><td>{@code fluxion.samples.waiting}</td><td>gauge</td><td>samples that wait, once a batcher is watched</td></tr>
 * <tr><td>{@code fluxion.model.memory}</td><td>gauge, bytes</td><td>native memory, once a batcher or models are watched</td></tr>
 * </table>
 */
public final class ServingMeters implements ServingListener {
    private static final double[] BATCHES = {1, 2, 4, 8, 16, 32, 64, 128, 256};

    private final MeterRegistry registry;
    private final String model;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Counter answered;
    private final Map<Refusal, Counter> refused = new EnumMap<>(Refusal.class);
    private final Counter samples;
    private final Timer queue;
    private final Timer compute;
    private final DistributionSummary batch;

    private ServingMeters(MeterRegistry registry, String model) {
        this.registry = registry;
        this.model = model;
        this.answered = requests("answered");
        for (Refusal why : Refusal.values()) {
            refused.put(why, requests(why.name().toLowerCase(Locale.ROOT)));
        }
        this.samples = Counter.builder("fluxion.samples")
                .description("Samples that were answered")
                .tag("model", model)
                .register(registry);
        this.queue = timer("fluxion.request.queue", "How long answered requests waited");
        this.compute = timer("fluxion.batch.compute", "How long batches were computed");
        this.batch = DistributionSummary.builder("fluxion.batch.samples")
                .description("How many samples batches had")
                .serviceLevelObjectives(BATCHES)
                .tag("model", model)
                .register(registry);
        Gauge.builder("fluxion.requests.inflight", inFlight, AtomicInteger::get)
                .description("Requests that wait or are computed")
                .strongReference(true)
                .tag("model", model)
                .register(registry);
    }

    /** Meters of a model in a registry. */
    public static ServingMeters of(MeterRegistry registry, String model) {
        Given.require("ServingMeters", "the registry", registry);
        return new ServingMeters(registry, Given.require("ServingMeters", "the model", model));
    }

    private Counter requests(String outcome) {
        return Counter.builder("fluxion.requests")
                .description("Requests by outcome")
                .tag("model", model)
                .tag("outcome", outcome)
                .register(registry);
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .publishPercentileHistogram()
                .tag("model", model)
                .register(registry);
    }

    /** Adds gauges of what waits and of native memory, while the batcher is reachable. Gives these meters back. */
    public ServingMeters watch(Batcher batcher) {
        Given.require("watch", "the batcher", batcher);
        gauge("fluxion.samples.waiting", "Samples that wait", "samples", batcher, Batcher::waiting);
        memory(batcher, watched -> watched.memory().bytes());
        return this;
    }

    /** Adds a gauge of the native memory of all loaded versions of the model. Gives these meters back. */
    public ServingMeters watch(Models models) {
        memory(Given.require("watch", "the models", models), watched -> watched.list().stream()
                .filter(loaded -> loaded.name().equals(model))
                .mapToLong(Models.Loaded::bytes)
                .sum());
        return this;
    }

    private <T> void memory(T watched, ToLongFunction<T> bytes) {
        gauge("fluxion.model.memory", "Native memory of weights and programs", "bytes", watched, bytes);
    }

    private <T> void gauge(String name, String description, String unit, T watched, ToLongFunction<T> number) {
        Gauge.builder(name, watched, number::applyAsLong)
                .description(description)
                .baseUnit(unit)
                .tag("model", model)
                .register(registry);
    }

    @Override
    public void asked() {
        inFlight.incrementAndGet();
    }

    @Override
    public void answered(int count, long queueNanos, long computeNanos) {
        inFlight.decrementAndGet();
        answered.increment();
        samples.increment(count);
        queue.record(queueNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void computed(int requests, int count, long computeNanos) {
        compute.record(computeNanos, TimeUnit.NANOSECONDS);
        batch.record(count);
    }

    @Override
    public void refused(Refusal why) {
        inFlight.decrementAndGet();
        Objects.requireNonNull(refused.get(why)).increment();
    }
}
