package dev.fluxion.dsl.train;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A thread that waits in line, and what it wants to be computed: by itself in a seat, or by another thread in its own. */
final class Waiter {
    private final Thread thread = Thread.currentThread();
    private final IntConsumer what;
    private final AtomicBoolean claimed = new AtomicBoolean();
    /** Whether it was woken and has not looked for a seat since. */
    private volatile boolean called;

    private volatile boolean late;
    private @Nullable Throwable failure;
    private volatile boolean done;

    Waiter(IntConsumer what) {
        this.what = what;
    }

    /** Whether the caller is the one who computes. */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    /** Computes for the thread in a seat, and wakes it. A failure is thrown there. */
    void compute(int seat) {
        try {
            what.accept(seat);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        done = true;
        wake();
    }

    /** Whether another thread has computed what was wanted. */
    boolean isDone() {
        return done;
    }

    /** Throws what computing threw, if it did. */
    void rethrow() {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    /** Wakes the thread so that it looks for a seat, unless it came too late for one before. */
    void call() {
        if (!late && !called) {
            called = true;
            wake();
        }
    }

    /** The thread looks for a seat. */
    void looks() {
        late |= called;
        called = false;
    }

    /** Whether it was woken for a seat that somebody else had meanwhile. */
    boolean isLate() {
        return late;
    }
}
