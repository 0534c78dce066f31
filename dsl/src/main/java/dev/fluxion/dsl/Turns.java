package dev.fluxion.dsl;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets a few threads compute at the same time, and the others wait in line. While a turn is young, whoever comes may have it
 * again at once, since changing threads costs more than a small prediction; when it is {@link #SLICE} old it goes to the
 * thread that has waited for longest. So the wait is bounded by the length of the line, and throughput hardly suffers.
 */
final class Turns {
    /** How long, in nanoseconds, a turn may go to threads that have not waited, while others do. */
    private static final long SLICE = 100_000;

    private final int most;
    private final Deque<Turn> free = new ArrayDeque<>();
    private final Deque<Waiter> line = new ArrayDeque<>();
    private boolean closed;

    Turns(int most) {
        this.most = most;
        for (int i = 0; i < most; i++) {
            free.push(new Turn());
        }
    }

    /** The right to compute, to be given back. */
    static final class Turn {
        /** When it last went to a thread that had waited. */
        private long since;

        private boolean isOver() {
            return System.nanoTime() - since >= SLICE;
        }
    }

    private static final class Waiter {
        private final Thread thread = Thread.currentThread();
        private @Nullable Turn turn;
    }

    /**
     * Waits for a turn.
     *
     * @throws IllegalStateException if this was closed, before or meanwhile
     */
    Turn take() {
        Waiter waiter;
        synchronized (this) {
            requireOpen();
            Turn first = free.peek();
            if (first != null && (line.isEmpty() || !first.isOver())) {
                return free.pop();
            }
            waiter = new Waiter();
            line.add(waiter);
        }
        return await(waiter);
    }

    private Turn await(Waiter waiter) {
        boolean interrupted = false;
        try {
            while (true) {
                synchronized (this) {
                    Turn turn = waiter.turn != null ? waiter.turn : next(waiter);
                    if (turn != null) {
                        return turn;
                    }
                }
                LockSupport.park(this);
                // A thread that is interrupted does not park any more; the prediction goes on, and the caller sees it
                // later.
                interrupted |= Thread.interrupted();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A free turn for the first in the line. */
    private @Nullable Turn next(Waiter waiter) {
        if (closed) {
            line.remove(waiter);
            requireOpen();
        }
        if (line.peek() != waiter || free.isEmpty()) {
            return null;
        }
        line.poll();
        Turn turn = free.pop();
        turn.since = System.nanoTime();
        if (!free.isEmpty() && !line.isEmpty()) {
            LockSupport.unpark(line.peek().thread);
        }
        return turn;
    }

    /** Gives a turn back. */
    void give(Turn turn) {
        Thread first;
        synchronized (this) {
            Waiter waiter = line.peek();
            if (waiter == null || closed) {
                free.push(turn);
                notifyAll();
                return;
            }
            first = waiter.thread;
            if (turn.isOver()) {
                line.poll();
                turn.since = System.nanoTime();
                waiter.turn = turn;
            } else {
                free.push(turn);
            }
        }
        LockSupport.unpark(first);
    }

    /** Refuses further turns, also to those who wait, and waits until all are given back. */
    synchronized void close() {
        closed = true;
        line.forEach(waiter -> LockSupport.unpark(waiter.thread));
        boolean interrupted = false;
        while (free.size() < most) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
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
