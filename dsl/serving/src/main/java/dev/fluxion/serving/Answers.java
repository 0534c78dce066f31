package dev.fluxion.serving;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what servers answer, by status, and how long it takes. Any number of threads may use it.
 *
 * @param <S> the statuses
 */
public final class Answers<S extends Comparable<S>> {
    /** The upper bounds of the buckets of times, in nanoseconds: 2¹⁶ (66 µs) to 2³³ (9 s). */
    private static final int FIRST = 16;

    private static final int LAST = 33;
    private static final double NANOS = 1e-9;

    private final Map<S, LongAdder> statuses = new ConcurrentHashMap<>();
    private final LongAdder[] buckets = new LongAdder[LAST - FIRST + 2];
    private final LongAdder nanos = new LongAdder();

    /** No answers. */
    public Answers() {
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
        }
    }

    /** A request was answered after some nanoseconds. */
    public void add(S status, long took) {
        statuses.computeIfAbsent(status, any -> new LongAdder()).increment();
        int power = Long.SIZE - Long.numberOfLeadingZeros(Math.max(0, took - 1));
        buckets[Math.max(0, Math.min(power, LAST + 1) - FIRST)].increment();
        nanos.add(took);
    }

    /** How many answers each status has that has any. */
    public SortedMap<S, Long> statuses() {
        SortedMap<S, Long> counts = new TreeMap<>();
        statuses.forEach((status, count) -> counts.put(status, count.sum()));
        return counts;
    }

    /** How many answers took longer than the bound before, and at most as long as a bound in seconds, which is infinite for the last. */
    public SortedMap<Double, Long> times() {
        SortedMap<Double, Long> counts = new TreeMap<>();
        for (int i = 0; i < buckets.length; i++) {
            double bound = i == buckets.length - 1 ? Double.POSITIVE_INFINITY : Math.scalb(NANOS, FIRST + i);
            counts.put(bound, buckets[i].sum());
        }
        return counts;
    }

    /** How long all of them took together. */
    public double seconds() {
        return nanos.sum() * NANOS;
    }
}
