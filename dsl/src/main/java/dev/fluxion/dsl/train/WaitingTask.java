package dev.fluxion.dsl.train;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A waiting thread and its task. Either that thread or another one claims the task and runs it with its permit. */
final class WaitingTask {
    private final Thread thread = Thread.currentThread();
    private final IntConsumer what;
    private final AtomicBoolean claimed = new AtomicBoolean();
    /** Whether the thread was woken and has not tried to get a permit since. */
    private volatile boolean called;

    private volatile boolean late;
    private @Nullable Throwable failure;
    private volatile boolean done;

    WaitingTask(IntConsumer what) {
        this.what = what;
    }

    /** Claims the task; only one caller succeeds, and runs it. */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    /** Runs the task with the caller's permit and wakes its thread, which rethrows a failure. */
    void compute(int permit) {
        try {
            what.accept(permit);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        done = true;
        wake();
    }

    /** Whether another thread has run the task. */
    boolean isDone() {
        return done;
    }

    /** Rethrows the failure of the task, if it failed. */
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

    /** Wakes the thread to get a permit, unless it has once woken too late. */
    void call() {
        if (!late && !called) {
            called = true;
            wake();
        }
    }

    /** Notes that the thread tries to get a permit. */
    void looks() {
        late |= called;
        called = false;
    }

    /** Whether the thread was woken for a permit that another one took. */
    boolean isLate() {
        return late;
    }
}
