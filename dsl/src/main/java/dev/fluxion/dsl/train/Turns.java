package dev.fluxion.dsl.train;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Lets a few threads compute at the same time, each in a seat of its own, while the others wait in line. A thread that comes
 * back to its seat has it again at once, since changing threads costs more than a small prediction. So that nobody starves, a
 * thread that is done computes for the one that has waited for longest before it gives its seat back, as often as serves the
 * whole line within {@link #ROUND}: no seat is idle while a thread wakes up.
 */
final class Turns {
    /** Nanoseconds in which each thread of the line is served once, unless computing takes longer. */
    private static final long ROUND = 10_000_000;
    /** Nanoseconds after which the first of the line looks again, if it came too late for a seat before. */
    private static final long PATIENCE = 1_000_000;
    /** Nanoseconds between looks of a thread that closes. */
    private static final long LOOK = 50_000;
    /** Entries between those of two seats, so that threads do not share a line of the cache. */
    private static final int APART = 16;

    private static final int NONE = -1;

    private final int most;
    /** For each seat the number of the thread that had it last, negative while it has it; 0 before anybody had it. */
    private final AtomicLongArray seats;

    private final Queue<Waiter> line = new ConcurrentLinkedQueue<>();
    private final AtomicInteger length = new AtomicInteger();
    /** When the first of the line is to be served, whoever has a seat. */
    private volatile long due = System.nanoTime();

    private volatile boolean closed;

    Turns(int most) {
        this.most = most;
        this.seats = new AtomicLongArray((most + 2) * APART);
    }

    /** How many seats there are. */
    int seats() {
        return most;
    }

    private static int at(int seat) {
        return (seat + 1) * APART;
    }

    /**
     * Computes something in a seat: in the calling thread, or, if that would have to wait, in another one.
     *
     * @param what gets the number of the seat
     * @throws IllegalStateException if this was closed, before or meanwhile
     */
    void run(IntConsumer what) {
        // Threads may say any number of themselves; two of one hash only take each other's seats.
        long self = 1L + System.identityHashCode(Thread.currentThread());
        int seat = again(self);
        if (seat == NONE && line.peek() == null) {
            seat = take(self);
        }
        if (seat == NONE) {
            Waiter waiter = new Waiter(what);
            seat = takeInLine(waiter, self);
            if (seat == NONE) {
                waiter.rethrow();
                return;
            }
        }
        try {
            requireOpen();
            what.accept(seat);
            // Behind a failure, which may be this thread's own matter, nobody else's work is done.
            if (isDue()) {
                computeForFirst(seat);
            }
        } finally {
            seats.set(at(seat), self);
            callFirst();
        }
    }

    /** The seat that a thread had last, unless another one has had it since. */
    private int again(long self) {
        for (int seat = 0; seat < most; seat++) {
            if (seats.get(at(seat)) == self && seats.compareAndSet(at(seat), self, -self)) {
                return seat;
            }
        }
        return NONE;
    }

    /** A free seat, if there is one. */
    private int take(long self) {
        for (int seat = 0; seat < most; seat++) {
            long last = seats.get(at(seat));
            if (last >= 0 && seats.compareAndSet(at(seat), last, -self)) {
                return seat;
            }
        }
        return NONE;
    }

    private void callFirst() {
        Waiter first = line.peek();
        if (first != null && isAnyFree()) {
            first.call();
        }
    }

    private boolean isAnyFree() {
        for (int seat = 0; seat < most; seat++) {
            if (seats.get(at(seat)) >= 0) {
                return true;
            }
        }
        return false;
    }

    private boolean isDue() {
        return line.peek() != null && System.nanoTime() - due >= 0;
    }

    private void computeForFirst(int seat) {
        for (Waiter first = line.poll(); first != null; first = line.poll()) {
            if (first.claim()) {
                left();
                first.compute(seat);
                return;
            }
        }
    }

    /** A seat for a thread that waits; none if another one has computed what it waits for. */
    private int takeInLine(Waiter waiter, long self) {
        length.incrementAndGet();
        line.add(waiter);
        boolean interrupted = false;
        try {
            while (!waiter.isDone()) {
                refuse(waiter);
                boolean first = line.peek() == waiter;
                int seat = first ? takeFor(waiter, self) : NONE;
                if (!first || seat != NONE) {
                    callFirst();
                }
                if (seat != NONE) {
                    return seat;
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

    private void refuse(Waiter waiter) {
        if (closed && waiter.claim()) {
            line.remove(waiter);
            left();
            requireOpen();
        }
    }

    private int takeFor(Waiter waiter, long self) {
        waiter.looks();
        int seat = take(self);
        if (seat == NONE) {
            return NONE;
        }
        if (!waiter.claim()) {
            seats.set(at(seat), self);
            return NONE;
        }
        line.remove(waiter);
        left();
        return seat;
    }

    /** Somebody has left the line; the next one is due in time. */
    private void left() {
        long now = System.nanoTime();
        long interval = ROUND / Math.max(1, length.decrementAndGet());
        long late = Math.max(0, Math.min(interval, now - due));
        due = now - late + interval;
    }

    /** Refuses further turns, also to those who wait, and waits until all seats are given back. */
    void close() {
        closed = true;
        line.forEach(Waiter::wake);
        boolean interrupted = false;
        for (int seat = 0; seat < most; seat++) {
            while (seats.get(at(seat)) < 0) {
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
