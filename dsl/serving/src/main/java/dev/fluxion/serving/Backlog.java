package dev.fluxion.serving;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The requests that wait, in a bucket for each size of samples, since only equal sizes are computed together. It is for one
 * thread at a time, but any may ask if there is room, and does not look at the clock itself.
 */
final class Backlog {
    /** So many empty buckets are kept. */
    private static final int MOST_EMPTY = 64;

    private final int maxBatch;
    private final long maxDelay;
    private final int room;
    private final Map<List<Integer>, Bucket> buckets = new HashMap<>();
    private volatile int rows;
    /** A time before which none of those that wait expires. */
    private volatile long soonest;

    /**
     * No requests.
     *
     * @param maxBatch how many samples a batch has at most
     * @param maxDelay how long a request waits for others, in nanoseconds
     * @param room how many samples may wait
     */
    Backlog(int maxBatch, long maxDelay, int room) {
        this.maxBatch = maxBatch;
        this.maxDelay = maxDelay;
        this.room = room;
    }

    boolean isEmpty() {
        return rows == 0;
    }

    /** The number of samples that wait. */
    int rows() {
        return rows;
    }

    /** Whether as many samples wait as a batch has at most. */
    boolean fillsBatch() {
        return rows >= maxBatch;
    }

    private void addRows(int more) {
        int before = rows;
        rows = before + more;
    }

    boolean hasRoomFor(Request request) {
        return request.rows() <= room - rows;
    }

    void add(Request request) {
        bucket(request.part().extents()).add(request);
        if (rows == 0 || request.deadline() - soonest < 0) {
            soonest = request.deadline();
        }
        addRows(request.rows());
    }

    private Bucket bucket(List<Integer> extents) {
        Bucket known = buckets.get(extents);
        if (known != null) {
            return known;
        }
        if (buckets.size() >= MOST_EMPTY) {
            buckets.values().removeIf(Bucket::isEmpty);
        }
        Bucket made = new Bucket(maxBatch);
        buckets.put(extents, made);
        return made;
    }

    /** Removes a request; false if it does not wait. */
    boolean remove(Request request) {
        Bucket bucket = buckets.get(request.part().extents());
        if (bucket == null || !bucket.remove(request)) {
            return false;
        }
        addRows(-request.rows());
        return true;
    }

    /** Whether some of those that wait may have expired. */
    boolean mayHaveExpired(long now) {
        return soonest - now <= 0;
    }

    /** Moves requests that are not to be computed any more. */
    void removeOver(long now, Collection<Request> into) {
        long left = Long.MAX_VALUE;
        for (Bucket bucket : buckets.values()) {
            addRows(-bucket.removeOver(now, into));
            left = Math.min(left, bucket.left(now));
        }
        soonest = now + left;
    }

    /** Moves all requests. */
    void removeAll(Collection<Request> into) {
        buckets.values().forEach(bucket -> bucket.removeAll(into));
        buckets.clear();
        rows = 0;
    }

    /** How many nanoseconds no batch is due yet: 0 if one is full or has waited long enough. There are requests. */
    long untilDue(long now) {
        if (maxDelay == 0) {
            return 0;
        }
        long least = Long.MAX_VALUE;
        for (Bucket bucket : buckets.values()) {
            least = Math.min(least, bucket.untilDue(now, maxDelay));
        }
        return least;
    }

    /**
     * Moves the requests of the next batch: of the batches that are due, the one whose first request comes first. Without a delay, it
     * is the share of one of those that are free to compute.
     *
     * @param all whether every batch is due
     * @param free how many batches may begin now
     */
    void next(long now, boolean all, int free, List<Request> into) {
        Bucket first = null;
        for (Bucket bucket : buckets.values()) {
            boolean due = !bucket.isEmpty() && (all || bucket.untilDue(now, maxDelay) == 0);
            if (due && (first == null || bucket.isBefore(first))) {
                first = bucket;
            }
        }
        if (first != null) {
            addRows(-first.next(maxDelay == 0 ? free : 1, into));
        }
    }
}
