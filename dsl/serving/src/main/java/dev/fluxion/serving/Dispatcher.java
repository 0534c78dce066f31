package dev.fluxion.serving;

import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides under one lock who computes what: a caller his own samples if nobody waits and one more batch may be computed, else
 * workers what waits. Nothing else happens under the lock.
 */
final class Dispatcher {
    private final ReentrantLock lock = new ReentrantLock();
    /** Signalled when workers may find something to do. */
    private final Condition work = lock.newCondition();
    /** Signalled when nothing waits or is computed. */
    private final Condition idle = lock.newCondition();

    private final Backlog backlog;
    private final int slots;
    private final LongSupplier clock;
    /** How many batches are computed at present. */
    private int running;

    private boolean closed;

    /**
     * Nothing waits.
     *
     * @param slots how many batches are computed at the same time
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

    /** Whether the caller is to compute at once; {@link #leave} ends that. */
    boolean enter() {
        lock.lock();
        try {
            boolean free = !closed && running < slots && backlog.isEmpty();
            running += free ? 1 : 0;
            return free;
        } finally {
            lock.unlock();
        }
    }

    /** What {@link #enter} or {@link #take} began has ended. */
    void leave() {
        lock.lock();
        try {
            running--;
            if (!backlog.isEmpty() || closed) {
                work.signal();
            }
            signalIdle();
        } finally {
            lock.unlock();
        }
    }

    private void signalIdle() {
        if (closed && running == 0 && backlog.isEmpty()) {
            idle.signalAll();
            work.signalAll();
        }
    }

    /** Lets a request wait, or tells why it may not. */
    @Nullable
    Refusal add(Request request) {
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
            if (running < slots && (first || backlog.untilDue(now()) == 0)) {
                work.signal();
            }
            return null;
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
     * @param batch gets the requests of the batch
     * @param over gets the others
     * @return whether there is more to come: not once this is closed and nothing waits
     */
    boolean take(List<Request> batch, List<Request> over) {
        lock.lock();
        try {
            while (true) {
                long now = now();
                backlog.removeOver(now, over);
                if (!over.isEmpty()) {
                    signalIdle();
                    return true;
                }
                if (backlog.isEmpty() && closed && running == 0) {
                    return false;
                }
                if (backlog.isEmpty() || running == slots) {
                    work.awaitUninterruptibly();
                    continue;
                }
                long wait = closed ? 0 : backlog.untilDue(now);
                if (wait == 0) {
                    begin(now, batch);
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

    private void begin(long now, List<Request> batch) {
        backlog.next(now, closed, batch);
        running++;
        if (running < slots && !backlog.isEmpty()) {
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

    /** Removes requests that are not to be computed any more. */
    void removeOver(List<Request> over) {
        lock.lock();
        try {
            backlog.removeOver(now(), over);
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
            while (running > 0 || !backlog.isEmpty()) {
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
        lock.lock();
        try {
            return backlog.rows();
        } finally {
            lock.unlock();
        }
    }
}
