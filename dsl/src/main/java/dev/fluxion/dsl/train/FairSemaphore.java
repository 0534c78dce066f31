package dev.fluxion.dsl.train;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * A fair semaphore with numbered permits. A thread that returns gets its last permit back at once, because a switch
 * between threads costs more than a small prediction. So that nobody starves, a thread that is done computes for the
 * thread that has waited longest before it releases its permit, often enough to serve the whole queue within
 * {@link #ROUND}. So no permit is idle while a thread wakes up.
 */
final class FairSemaphore {
    /** Nanoseconds in which each waiting thread is served once, unless computing takes longer. */
    private static final long ROUND = 10_000_000;
    /** Nanoseconds after which the first waiting thread tries again, once it has woken too late for a permit. */
    private static final long PATIENCE = 1_000_000;
    /** Nanoseconds between the checks of a thread that closes this semaphore. */
    private static final long LOOK = 50_000;
    /** Array entries per permit: each has a cache line of its own. */
    private static final int APART = 16;

    private static final int NONE = -1;

    private final int most;
    /** For each permit the number of its last holder, negative while it is held; 0 if it never was. */
    private final AtomicLongArray permits;

    private final Queue<WaitingTask> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    /** When the first waiting thread is to be served at the latest. */
    private volatile long due = System.nanoTime();

    private volatile boolean closed;

    FairSemaphore(int most) {
        this.most = most;
        this.permits = new AtomicLongArray((most + 2) * APART);
    }

    /** The number of permits. */
    int permits() {
        return most;
    }

    private static int at(int permit) {
        return (permit + 1) * APART;
    }

    /**
     * Runs a task with a permit: in the calling thread or, if that would have to wait, possibly in another one.
     *
     * @param what the task, which gets the number of the permit
     * @throws IllegalStateException if this semaphore is closed, before the call or during it
     */
    void run(IntConsumer what) {
        // Threads may say any number of themselves; two of one hash only take each other's permits.
        long self = 1L + System.identityHashCode(Thread.currentThread());
        int permit = again(self);
        if (permit == NONE && queue.peek() == null) {
            permit = take(self);
        }
        if (permit == NONE) {
            WaitingTask waiter = new WaitingTask(what);
            permit = takeInQueue(waiter, self);
            if (permit == NONE) {
                waiter.rethrow();
                return;
            }
        }
        try {
            requireOpen();
            what.accept(permit);
            // Behind a failure, which may be this thread's own matter, nobody else's work is done.
            if (isDue()) {
                computeForFirst(permit);
            }
        } finally {
            permits.set(at(permit), self);
            wakeFirst();
        }
    }

    /** The last permit of a thread, unless another thread has held it since. */
    private int again(long self) {
        for (int permit = 0; permit < most; permit++) {
            if (permits.get(at(permit)) == self && permits.compareAndSet(at(permit), self, -self)) {
                return permit;
            }
        }
        return NONE;
    }

    /** A free permit, or {@link #NONE}. */
    private int take(long self) {
        for (int permit = 0; permit < most; permit++) {
            long last = permits.get(at(permit));
            if (last >= 0 && permits.compareAndSet(at(permit), last, -self)) {
                return permit;
            }
        }
        return NONE;
    }

    private void wakeFirst() {
        WaitingTask first = queue.peek();
        if (first != null && isAnyFree()) {
            first.call();
        }
    }

    private boolean isAnyFree() {
        for (int permit = 0; permit < most; permit++) {
            if (permits.get(at(permit)) >= 0) {
                return true;
            }
        }
        return false;
    }

    private boolean isDue() {
        return queue.peek() != null && System.nanoTime() - due >= 0;
    }

    private void computeForFirst(int permit) {
        for (WaitingTask first = queue.poll(); first != null; first = queue.poll()) {
            if (first.claim()) {
                left();
                first.compute(permit);
                return;
            }
        }
    }

    /** Waits for a permit; {@link #NONE} if another thread has run the task meanwhile. */
    private int takeInQueue(WaitingTask waiter, long self) {
        queued.incrementAndGet();
        queue.add(waiter);
        boolean interrupted = false;
        try {
            while (!waiter.isDone()) {
                refuse(waiter);
                boolean first = queue.peek() == waiter;
                int permit = first ? takeFor(waiter, self) : NONE;
                if (!first || permit != NONE) {
                    wakeFirst();
                }
                if (permit != NONE) {
                    return permit;
                }
                LockSupport.parkNanos(this, first && waiter.isLate() ? PATIENCE : Long.MAX_VALUE);
                // An interrupted thread does not park; the prediction goes on, and the caller sees it later.
                interrupted |= Thread.interrupted();
            }
            return NONE;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void refuse(WaitingTask waiter) {
        if (closed && waiter.claim()) {
            queue.remove(waiter);
            left();
            requireOpen();
        }
    }

    private int takeFor(WaitingTask waiter, long self) {
        waiter.looks();
        int permit = take(self);
        if (permit == NONE) {
            return NONE;
        }
        if (!waiter.claim()) {
            permits.set(at(permit), self);
            return NONE;
        }
        queue.remove(waiter);
        left();
        return permit;
    }

    /** A thread has left the queue: computes when the next one is due. */
    private void left() {
        long now = System.nanoTime();
        long interval = ROUND / Math.max(1, queued.decrementAndGet());
        long late = Math.max(0, Math.min(interval, now - due));
        due = now - late + interval;
    }

    /** Refuses further tasks, those of waiting threads too, and waits until all permits are released. */
    void close() {
        closed = true;
        queue.forEach(WaitingTask::wake);
        boolean interrupted = false;
        for (int permit = 0; permit < most; permit++) {
            while (permits.get(at(permit)) < 0) {
                LockSupport.parkNanos(this, LOOK);
                interrupted |= Thread.interrupted();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(Errors.modelClosed());
        }
    }
}
