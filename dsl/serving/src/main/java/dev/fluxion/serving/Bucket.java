package dev.fluxion.serving;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Requests of one size of samples, those of each priority in the order in which they came. */
final class Bucket {
    private final int maxBatch;
    /** A queue for each priority that has come, the most urgent one first. */
    private final Map<Priority, Deque<Request>> queues = new EnumMap<>(Priority.class);

    private int rows;

    Bucket(int maxBatch) {
        this.maxBatch = maxBatch;
    }

    boolean isEmpty() {
        return rows == 0;
    }

    private Deque<Request> queue(Request request) {
        return queues.computeIfAbsent(request.priority(), priority -> new ArrayDeque<>());
    }

    void add(Request request) {
        queue(request).add(request);
        rows += request.rows();
    }

    boolean remove(Request request) {
        boolean there = queue(request).remove(request);
        rows -= there ? request.rows() : 0;
        return there;
    }

    /** Moves requests that are not to be computed any more, and returns how many samples they have. */
    int removeOver(long now, Collection<Request> into) {
        int before = rows;
        for (Deque<Request> queue : queues.values()) {
            for (Iterator<Request> each = queue.iterator(); each.hasNext(); ) {
                Request request = each.next();
                if (request.isOver(now)) {
                    each.remove();
                    rows -= request.rows();
                    into.add(request);
                }
            }
        }
        return before - rows;
    }

    /** How long it takes until the first of its requests expires: the largest number if there are none. */
    long left(long now) {
        long least = Long.MAX_VALUE;
        for (Deque<Request> queue : queues.values()) {
            for (Request request : queue) {
                least = Math.min(least, request.left(now));
            }
        }
        return least;
    }

    void removeAll(Collection<Request> into) {
        queues.values().forEach(into::addAll);
        queues.clear();
        rows = 0;
    }

    /** How many nanoseconds no batch is due yet: the largest number if there are no requests. */
    long untilDue(long now, long maxDelay) {
        if (rows == 0) {
            return Long.MAX_VALUE;
        }
        long longest = 0;
        for (Deque<Request> queue : queues.values()) {
            Request first = queue.peekFirst();
            if (first != null) {
                longest = Math.max(longest, now - first.arrival());
            }
        }
        return rows >= maxBatch ? 0 : Math.max(0, maxDelay - longest);
    }

    private @Nullable Request first() {
        for (Deque<Request> queue : queues.values()) {
            Request first = queue.peekFirst();
            if (first != null) {
                return first;
            }
        }
        return null;
    }

    /** Whether its first request comes before that of another bucket; both have some. */
    boolean isBefore(Bucket other) {
        Request own = first();
        Request theirs = other.first();
        if (own == null || theirs == null) {
            return theirs == null;
        }
        int order = own.priority().compareTo(theirs.priority());
        return order < 0 || order == 0 && own.arrival() - theirs.arrival() < 0;
    }

    /**
     * Moves the requests of a batch, in their order, until one does not fit or is not to be computed beside others; returns
     * how many samples they have.
     *
     * @param free how many batches may begin now: they share what waits
     */
    int next(int free, List<Request> into) {
        int most = Math.min(maxBatch, (rows + free - 1) / free);
        int taken = 0;
        for (Request first = first(); first != null && fits(first, most - taken, into); first = first()) {
            queue(first).removeFirst();
            into.add(first);
            taken += first.rows();
        }
        rows -= taken;
        return taken;
    }

    private static boolean fits(Request next, int room, List<Request> into) {
        return into.isEmpty() || next.joins() && into.get(0).joins() && next.rows() <= room;
    }
}
