package dev.fluxion.serving;

import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides under one lock who computes what: a caller his own samples if nobody waits and one more batch may be computed, else
 * workers what waits. A batch takes one slot. Where requests come one after the other, each takes all slots: the threads of the others
 * would be busy under load, and waited for. Nothing else happens under the lock. Who is refused since the queue is full does not take
 * it: under too much load, workers would wait for it most of the time.
 */
final class Dispatcher {
    /** After so many requests that were alone, the next one is expected to be. */
    private static final int STEADY = 4;

    private final ReentrantLock lock = new ReentrantLock();
    /** Signalled when workers may find something to do. */
    private final Condition work = lock.newCondition();
    /** Signalled when nothing waits or is computed. */
    private final Condition idle = lock.newCondition();

    private final Backlog backlog;
    private final int slots;
    private final LongSupplier clock;
    /** How many slots are taken at present. */
    private int taken;
    /** How many requests that were alone came one after the other. */
    private int alone;

    private volatile boolean closed;
    /** Somebody has ended a future that may wait. */
    private volatile boolean abandoned;

    /**
     * Nothing waits.
     *
     * @param slots how many batches are computed at the same time at most
     * @param clock nanoseconds
     */
    Dispatcher(Backlog backlog, int slots, LongSupplier clock) {
        this.backlog = backlog;
        this.slots = slots;
        this.clock = clock;
    }

    long now() {
        return clock.getAsLong();
    }

    /** With how many slots the caller is to compute at once, until {@link #leave}; 0 if it is to wait. */
    int enter() {
        lock.lock();
        try {
            boolean free = !closed && taken < slots && backlog.isEmpty();
            return free ? begin(true) : 0;
        } finally {
            lock.unlock();
        }
    }

    private int begin(boolean single) {
        alone = single && taken == 0 ? Math.min(alone + 1, STEADY + 1) : 0;
        int more = alone > STEADY ? slots : 1;
        taken += more;
        return more;
    }

    /** What {@link #enter} or {@link #take} began has ended. */
    void leave(int slotsTaken) {
        lock.lock();
        try {
            taken -= slotsTaken;
            if (!backlog.isEmpty() || closed) {
                work.signal();
            }
            signalIdle();
        } finally {
            lock.unlock();
        }
    }

    private void signalIdle() {
        if (closed && taken == 0 && backlog.isEmpty()) {
            idle.signalAll();
            work.signalAll();
        }
    }

    /** Lets a request wait, or tells why it may not. If it is one of a burst, workers that sleep hear of it at the end, or when a batch is full. */
    @Nullable
    Refusal add(Request request, @Nullable Burst burst) {
        if (!closed && !backlog.hasRoomFor(request)) {
            return Refusal.FULL;
        }
        lock.lock();
        try {
            if (closed) {
                return Refusal.CLOSED;
            }
            if (!backlog.hasRoomFor(request)) {
                return Refusal.FULL;
            }
            boolean first = backlog.isEmpty();
            backlog.add(request);
            if (burst != null && !backlog.fillsBatch()) {
                burst.asks(this);
            } else if (taken < slots && (first || backlog.untilDue(now()) == 0)) {
                work.signal();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** A burst has ended. */
    void wake() {
        lock.lock();
        try {
            if (taken < slots && !backlog.isEmpty()) {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Removes a request that its caller does not wait for any more; false if it is being computed, or was. */
    boolean withdraw(Request request) {
        lock.lock();
        try {
            boolean waited = backlog.remove(request);
            signalIdle();
            return waited;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a batch, which {@link #leave} ends, or for requests that are not to be computed any more.
     *
     * @param next gets them; nothing is in it
     * @return whether there is more to come: not once this is closed and nothing waits
     */
    boolean take(Turn next) {
        lock.lock();
        try {
            while (true) {
                long now = now();
                removeOver(now, next.over);
                if (!next.over.isEmpty()) {
                    signalIdle();
                    return true;
                }
                if (backlog.isEmpty() && closed && taken == 0) {
                    return false;
                }
                if (backlog.isEmpty() || taken == slots) {
                    work.awaitUninterruptibly();
                    continue;
                }
                long wait = closed ? 0 : backlog.untilDue(now);
                if (wait == 0) {
                    begin(now, next);
                    return true;
                }
                try {
                    work.awaitNanos(wait);
                } catch (InterruptedException e) {
                    // Interrupts are for nobody here.
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void begin(long now, Turn next) {
        backlog.next(now, closed, slots - taken, next.batch);
        next.slots = begin(next.batch.size() == 1 && backlog.isEmpty());
        if (taken < slots && !backlog.isEmpty()) {
            work.signal();
        }
    }

    /** Refuses further requests. */
    void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A future has ended that may wait. */
    void abandons() {
        abandoned = true;
    }

    /** Whether requests may wait that are not to be computed any more. */
    boolean mayMakeRoom() {
        return mayMakeRoom(now());
    }

    private boolean mayMakeRoom(long now) {
        return abandoned || backlog.mayHaveExpired(now);
    }

    private void removeOver(long now, List<Request> over) {
        if (mayMakeRoom(now)) {
            abandoned = false;
            backlog.removeOver(now, over);
        }
    }

    /** Removes requests that are not to be computed any more. */
    void removeOver(List<Request> over) {
        lock.lock();
        try {
            removeOver(now(), over);
            signalIdle();
        } finally {
            lock.unlock();
        }
    }

    /** Removes what waits. */
    void clear(List<Request> refused) {
        lock.lock();
        try {
            backlog.removeAll(refused);
            signalIdle();
        } finally {
            lock.unlock();
        }
    }

    /** Waits, once this is closed, until nothing waits or is computed. */
    void awaitIdle() {
        lock.lock();
        try {
            while (taken > 0 || !backlog.isEmpty()) {
                idle.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** The number of samples that wait. */
    int waiting() {
        return backlog.rows();
    }
}
