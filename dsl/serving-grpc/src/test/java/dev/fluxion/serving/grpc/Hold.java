package dev.fluxion.serving.grpc;

import dev.fluxion.serving.ServingListener;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/** Keeps threads that have computed from going on while it is shut. */
final class Hold implements ServingListener {
    private final CountDownLatch open = new CountDownLatch(1);
    private final Semaphore held = new Semaphore(0);
    private volatile boolean shut;

    /** Waits until something holds. */
    static void until(BooleanSupplier holds) throws InterruptedException {
        for (int i = 0; !holds.getAsBoolean(); i++) {
            if (i == 10_000) {
                throw new AssertionError("it does not come to hold");
            }
            Thread.sleep(1);
        }
    }

    void shut() {
        shut = true;
    }

    void open() {
        open.countDown();
    }

    void awaitHeld() throws InterruptedException {
        held.acquire();
    }

    @Override
    public void computed(int requests, int samples, long computeNanos) {
        if (shut) {
            held.release();
            try {
                open.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
