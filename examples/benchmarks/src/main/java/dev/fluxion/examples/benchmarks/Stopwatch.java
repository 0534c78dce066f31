package dev.fluxion.examples.benchmarks;

import java.util.Arrays;

/** Times a step again and again. */
final class Stopwatch {
    private static final int LEAST_SAMPLES = 2;
    /** Samples are at least that long, in nanoseconds, so that reading the clock does not show. */
    private static final double SAMPLE = 50_000;

    private Stopwatch() {}

    /**
     * Runs a step for a time, three times at least; the first, which finds other data in the caches, does not count. A step
     * that is longer than the time is run once: the caches do not show in it, and repeating it would take minutes.
     */
    static Samples time(Runnable step, long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        double first = once(step);
        if (first > millis * 1e6) {
            return Samples.of(first / 1e3);
        }
        double estimate = first > SAMPLE ? first : Math.min(once(step), once(step));
        int inner = (int) Math.max(1, SAMPLE / Math.max(1, estimate));
        double[] times = new double[1024];
        int count = 0;
        long start = System.nanoTime();
        while (count < LEAST_SAMPLES || start < end) {
            for (int i = 0; i < inner; i++) {
                step.run();
            }
            long now = System.nanoTime();
            if (count == times.length) {
                times = Arrays.copyOf(times, 2 * count);
            }
            times[count++] = (now - start) / 1e3 / inner;
            start = now;
        }
        return Samples.of(Arrays.copyOf(times, count));
    }

    private static long once(Runnable step) {
        long start = System.nanoTime();
        step.run();
        return System.nanoTime() - start;
    }
}
