package dev.fluxion.serving;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A thread that waits for its request. */
final class Waiter implements Outcome {
    private volatile @Nullable Thread thread;
    private volatile boolean done;
    private @Nullable Throwable failure;

    /** The calling thread is going to wait. */
    void begin() {
        thread = Thread.currentThread();
        done = false;
        failure = null;
    }

    /**
     * Waits until the request is answered or its deadline has passed; if the thread is interrupted, until its computation has
     * ended, if it has begun.
     *
     * @throws RefusedException if it is not computed
     */
    void await(Request request, Dispatcher dispatcher, Reporting reporting) {
        boolean interrupted = false;
        boolean taken = false;
        Refusal refusal = null;
        while (!done && refusal == null) {
            interrupted |= Thread.interrupted();
            long left = taken ? Long.MAX_VALUE : request.left(dispatcher.now());
            if (!taken && (interrupted || left <= 0)) {
                taken = !dispatcher.withdraw(request);
                refusal = taken ? null : interrupted ? Refusal.CANCELLED : Refusal.EXPIRED;
            } else {
                LockSupport.parkNanos(this, left);
            }
        }
        thread = null;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (refusal != null) {
            reporting.refused(refusal);
            throw Errors.refused(refusal);
        }
        rethrow();
    }

    private void rethrow() {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }

    @Override
    public boolean isAbandoned() {
        return false;
    }

    @Override
    public void answered() {
        Thread waiting = thread;
        done = true;
        LockSupport.unpark(waiting);
    }

    @Override
    public void failed(Throwable why) {
        failure = why;
        answered();
    }
}
