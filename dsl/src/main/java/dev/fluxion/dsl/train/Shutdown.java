package dev.fluxion.dsl.train;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Makes the shutdown of the JVM, as on Ctrl-C, wait until a training has stopped after its step and written its checkpoint.
 * If the thread that trains has itself asked for the shutdown, nobody waits: it goes no further.
 */
final class Shutdown implements AutoCloseable {
    private static final long LOOK_MILLIS = 50;

    private final Thread training = Thread.currentThread();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread hook = new Thread(this::await, "fluxion-shutdown");
    private volatile boolean begun;

    Shutdown() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Whether the JVM shuts down. */
    boolean begun() {
        return begun;
    }

    private void await() {
        begun = true;
        try {
            while (training.isAlive() && !isShuttingDown() && !stopped.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                // It is still in its step.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isShuttingDown() {
        return Arrays.stream(training.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals("java.lang.Shutdown"));
    }

    @Override
    public void close() {
        stopped.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The hook ends by itself.
        }
    }
}
