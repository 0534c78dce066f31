package dev.fluxion.serving;

import java.util.concurrent.atomic.AtomicBoolean;

/** A request that is made again and again, with arrays of its own; see {@link Batcher#call}. It is for one thread at a time. */
public final class Call {
    private final Runnable what;
    private final AtomicBoolean running = new AtomicBoolean();

    Call(Runnable what) {
        this.what = what;
    }

    /**
     * Computes the samples that are in the arrays, or waits until they are computed. Then the results are there.
     *
     * @throws dev.fluxion.ir.ValueException if the model does not take a number
     * @throws RefusedException if they are not computed
     * @throws IllegalStateException if the call is running already
     */
    public void run() {
        if (!running.compareAndSet(false, true)) {
            throw new IllegalStateException(Errors.callInUse());
        }
        try {
            what.run();
        } finally {
            running.set(false);
        }
    }
}
