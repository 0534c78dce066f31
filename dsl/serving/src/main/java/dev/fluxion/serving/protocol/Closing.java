package dev.fluxion.serving.protocol;

import dev.fluxion.serving.Models;
import dev.fluxion.serving.Status;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** The end of a server, which comes once. */
public final class Closing {
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CountDownLatch done = new CountDownLatch(1);

    /** Whether it has begun. */
    public boolean hasBegun() {
        return begun.get();
    }

    private boolean isDone() {
        return done.getCount() == 0;
    }

    /** Whether the server takes requests for some models: it is not closing, and they are ready. */
    public Status status(Models models) {
        Status theirs = models.status();
        boolean open = !isDone();
        return new Status(theirs.live() && open, theirs.ready() && !hasBegun(), hasBegun() && open);
    }

    /** Ends the server, or waits until whoever was first has done it. */
    public void run(Runnable end) {
        if (begun.compareAndSet(false, true)) {
            try {
                end.run();
            } finally {
                done.countDown();
            }
        }
        boolean interrupted = false;
        while (!isDone()) {
            try {
                done.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until it is over. */
    public void await() throws InterruptedException {
        done.await();
    }

    /** Closes a server when the process ends. */
    public static void onExit(String server, Runnable close) {
        Runtime.getRuntime().addShutdownHook(new Thread(null, close, server + "-exit", 0, false));
    }
}
