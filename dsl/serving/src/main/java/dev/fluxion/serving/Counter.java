package dev.fluxion.serving;

import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a version does, and tells another listener. */
final class Counter implements ServingListener {
    /** So many samples tell batches apart. */
    private static final int MOST = 1024;

    private final ServingListener next;
    private final LongAdder answered = new LongAdder();
    private final LongAdder samples = new LongAdder();
    private final LongAdder queueNanos = new LongAdder();
    private final LongAdder computeNanos = new LongAdder();
    private final Map<Refusal, LongAdder> refused = new EnumMap<>(Refusal.class);
    private final Map<Integer, Size> sizes = new ConcurrentHashMap<>();
    private volatile long last;

    private record Size(LongAdder count, LongAdder nanos) {}

    Counter(ServingListener next) {
        this.next = next;
        for (Refusal why : Refusal.values()) {
            refused.put(why, new LongAdder());
        }
    }

    @Override
    public void asked() {
        next.asked();
    }

    @Override
    public void answered(int rows, long queued, long computed) {
        answered.increment();
        samples.add(rows);
        queueNanos.add(queued);
        computeNanos.add(computed);
        last = System.currentTimeMillis();
        next.answered(rows, queued, computed);
    }

    @Override
    public void computed(int requests, int rows, long nanos) {
        Size size =
                sizes.computeIfAbsent(Math.min(rows, MOST + 1), number -> new Size(new LongAdder(), new LongAdder()));
        size.count().increment();
        size.nanos().add(nanos);
        next.computed(requests, rows, nanos);
    }

    @Override
    public void refused(Refusal why) {
        LongAdder count = refused.get(why);
        if (count != null) {
            count.increment();
        }
        next.refused(why);
    }

    Statistics statistics(int waiting) {
        Map<Refusal, Long> counts = new EnumMap<>(Refusal.class);
        refused.forEach((why, count) -> counts.put(why, count.sum()));
        SortedMap<Integer, Statistics.Batches> batches = new TreeMap<>();
        sizes.forEach((rows, size) -> batches.put(
                rows, new Statistics.Batches(size.count().sum(), size.nanos().sum())));
        return new Statistics(
                answered.sum(),
                samples.sum(),
                queueNanos.sum(),
                computeNanos.sum(),
                counts,
                batches,
                waiting,
                Instant.ofEpochMilli(last));
    }
}
