package dev.fluxion.examples.service;

import dev.fluxion.Input;
import dev.fluxion.client.Client;
import dev.fluxion.client.InferenceException;
import dev.fluxion.client.Values;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import dev.fluxion.serving.Served;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;

/** Asks a model over HTTP, each caller one sample after the other, and measures how long answers take. */
final class Load {
    static final String HEADING = String.format(
            Locale.ROOT,
            "%8s %12s %10s %10s %10s %9s %9s",
            "callers",
            "answers/s",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "refused",
            "failed");

    private static final int UNAVAILABLE = 503;
    private static final double NANOS_PER_MS = 1e6;

    private final Client client;
    private final String model;
    private final Map<String, Values> sample;

    private Load(Client client, String model, Map<String, Values> sample) {
        this.client = client;
        this.model = model;
        this.sample = sample;
    }

    /** Random samples for a model: numbers from 0 to 1; integers 0 and 1. */
    static Load of(URI server, Served served) {
        Random random = new Random(0);
        Map<String, Values> sample = new LinkedHashMap<>();
        for (Input input : served.signature().inputs()) {
            Shape shape = input.batched(1);
            sample.put(input.name(), values(input.type(), shape, random));
        }
        return new Load(Client.of(server), served.name(), sample);
    }

    private static Values values(DType type, Shape shape, Random random) {
        if (type == DType.INT) {
            return Values.of(random.ints(shape.size(), 0, 2).toArray(), shape.dims());
        }
        float[] numbers = new float[shape.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = random.nextFloat();
        }
        return Values.of(numbers, shape.dims());
    }

    /** A caller. */
    private final class Caller extends Thread {
        private final long end;
        private final AtomicInteger refused;
        private final AtomicInteger failed;
        private final LongStream.Builder times = LongStream.builder();

        Caller(long end, AtomicInteger refused, AtomicInteger failed) {
            this.end = end;
            this.refused = refused;
            this.failed = failed;
        }

        @Override
        public void run() {
            for (long now = System.nanoTime(); now < end; now = System.nanoTime()) {
                try {
                    client.infer(model, sample);
                    times.add(System.nanoTime() - now);
                } catch (InferenceException e) {
                    (e.status() == UNAVAILABLE ? refused : failed).incrementAndGet();
                } catch (RuntimeException e) {
                    failed.incrementAndGet();
                }
            }
        }
    }

    /** Lets some callers ask for some time, and makes a line of the table. */
    String run(int callers, Duration time) throws InterruptedException {
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        long end = System.nanoTime() + time.toNanos();
        List<Caller> all = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            all.add(new Caller(end, refused, failed));
        }
        all.forEach(Thread::start);
        LongStream times = LongStream.empty();
        for (Caller caller : all) {
            caller.join();
            times = LongStream.concat(times, caller.times.build());
        }
        long[] sorted = times.toArray();
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "%8d %12.0f %10.2f %10.2f %10.2f %9d %9d",
                callers,
                sorted.length / (time.toNanos() * 1e-9),
                quantile(sorted, 0.5),
                quantile(sorted, 0.99),
                quantile(sorted, 0.999),
                refused.get(),
                failed.get());
    }

    private static double quantile(long[] sorted, double part) {
        return sorted.length == 0 ? Double.NaN : sorted[(int) (part * (sorted.length - 1))] / NANOS_PER_MS;
    }
}
