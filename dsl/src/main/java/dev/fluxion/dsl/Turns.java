package dev.fluxion.dsl;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets a few threads compute at the same time, and the others wait in line. Whoever comes while a turn is free may have it at
 * once, since changing threads costs more than a small prediction. But turns go to the thread that has waited for longest
 * often enough that the whole line is served within {@link #ROUND} and {@link #SHARES} times what it computes: so the wait
 * is bounded, and throughput hardly suffers.
 */
final class Turns {
    /** Nanoseconds in which each thread of the line is served once, beside what computing takes. */
    private static final long ROUND = 12_000_000;
    /** How often as many computations as the line waits for are done meanwhile. */
    private static final long SHARES = 3;
    /** Nanoseconds after which the first of the line looks by itself whether a turn is free. */
    private static final long PATIENCE = 1_000_000;
    /** After so many free turns in a row that others took before the first of the line could, it is not woken for the next. */
    private static final int SURE = 2;

    private static final long LEAST = 1_000;
    private static final long NOT_MEASURED = 0;
    /** Nanoseconds between looks of a thread that closes. */
    private static final long LOOK = 50_000;

    private final int most;
    private final AtomicInteger free;
    /** The length of the line, to be seen without its lock. */
    private final AtomicInteger waiting = new AtomicInteger();

    private final Deque<Waiter> line = new ArrayDeque<>();
    private volatile boolean closed;
    private volatile long lastServed;
    /** How long a computation takes, in nanoseconds: a thread that was held up in one counts at most twice as much. */
    private volatile long pace;

    /** How many free turns in a row others took before the first of the line, up to {@link #SURE}, or about so many. */
    private final AtomicInteger overtaken = new AtomicInteger();

    Turns(int most) {
        this.most = most;
        this.free = new AtomicInteger(most);
    }

    private static final class Waiter {
        private final Thread thread = Thread.currentThread();
        private boolean served;
    }

    /**
     * Waits for a turn, to be given back.
     *
     * @return when it was taken
     * @throws IllegalStateException if this was closed, before or meanwhile
     */
    long take() {
        int length = waiting.get();
        long now = length > 0 ? System.nanoTime() : NOT_MEASURED;
        if (isDue(length, now) || !tryTake()) {
            takeInLine();
            now = System.nanoTime();
        } else if (length > 0 && !isSure()) {
            overtaken.incrementAndGet();
        }
        if (closed) {
            give(now);
            requireOpen();
        }
        return now;
    }

    private boolean tryTake() {
        int now = free.get();
        while (now > 0 && !free.compareAndSet(now, now - 1)) {
            now = free.get();
        }
        return now > 0;
    }

    private void takeInLine() {
        Waiter waiter;
        synchronized (this) {
            requireOpen();
            if (!isDue(line.size(), System.nanoTime()) && tryTake()) {
                return;
            }
            waiter = new Waiter();
            line.add(waiter);
            waiting.incrementAndGet();
        }
        boolean interrupted = false;
        try {
            for (long pause = look(waiter); pause > 0; pause = look(waiter)) {
                LockSupport.parkNanos(this, pause);
                // An interrupted thread does not park; the prediction goes on, and the caller sees it later.
                interrupted |= Thread.interrupted();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** How long a thread of the line sleeps before it looks again; 0 if it has a turn. Only the first may have to look. */
    private synchronized long look(Waiter waiter) {
        if (waiter.served) {
            return 0;
        }
        if (closed) {
            line.remove(waiter);
            waiting.decrementAndGet();
            requireOpen();
        }
        if (line.peek() != waiter) {
            return Long.MAX_VALUE;
        }
        if (!tryTake()) {
            return PATIENCE;
        }
        overtaken.set(0);
        serve(waiter);
        return 0;
    }

    /** The first of the line has a turn and leaves; the next one becomes the first. */
    private void serve(Waiter first) {
        first.served = true;
        line.remove();
        waiting.decrementAndGet();
        lastServed = System.nanoTime();
        wake(line.peek());
    }

    private static void wake(@Nullable Waiter waiter) {
        if (waiter != null) {
            LockSupport.unpark(waiter.thread);
        }
    }

    /** Whether a turn that is given back will be taken at once, so that nobody need be woken for it. */
    private boolean isSure() {
        return overtaken.get() >= SURE;
    }

    /** Whether it is the line's turn. */
    private boolean isDue(int length, long now) {
        return length > 0 && now - lastServed >= ROUND / length + SHARES * pace / most;
    }

    /** Gives a turn back that was taken at some time. */
    void give(long taken) {
        int length = waiting.get();
        long now = length > 0 ? System.nanoTime() : NOT_MEASURED;
        if (isDue(length, now) && serveFirst(now - taken)) {
            return;
        }
        free.incrementAndGet();
        if (waiting.get() > 0 && !isSure()) {
            wakeFirst();
        }
    }

    private synchronized boolean serveFirst(long computed) {
        Waiter first = line.peek();
        if (first != null) {
            pace = Math.min(2 * pace + LEAST, computed);
            serve(first);
            wake(first);
        }
        return first != null;
    }

    private synchronized void wakeFirst() {
        wake(line.peek());
    }

    /** Refuses further turns, also to those who wait, and waits until all are given back. */
    void close() {
        closed = true;
        synchronized (this) {
            line.forEach(Turns::wake);
        }
        boolean interrupted = false;
        while (free.get() < most) {
            LockSupport.parkNanos(this, LOOK);
            interrupted |= Thread.interrupted();
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
