package dev.fluxion.engine.run;

import dev.fluxion.engine.plan.Step;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs the lanes of one program's phases: the calling thread takes one after the other, and workers that are free take
 * some from the end, so that from phase to phase a thread meets the data that its cache holds. Nobody waits for a worker to
 * come; a phase ends when all lanes are done.
 */
final class WorkerTeam {
    /** Looks before a waiting thread sleeps. */
    private static final int SPINS = 2000;
    /** How long it sleeps before it looks again, in nanoseconds. */
    private static final long NAP = 20_000;

    private final int most;
    /** The workers that were called and have not left. */
    private final AtomicInteger present = new AtomicInteger();
    /** The number of the phase, and of the lanes that nobody has taken: the end (16 bits) and the first (16 bits). */
    private final AtomicLong ticket = new AtomicLong();

    private final AtomicInteger left = new AtomicInteger();
    private volatile Step.Kernel[][] lanes = new Step.Kernel[0][];
    private volatile @Nullable Throwable failure;
    private int failed;
    private long phase;

    /** A team of the calling thread and {@code threads − 1} workers. */
    WorkerTeam(int threads) {
        this.most = threads - 1;
        Worker.atLeast(most);
    }

    /** Runs all lanes. If some fail, the failure of the first of them is thrown when all have ended. */
    void run(Step.Kernel[][] all) {
        if (all.length == 1) {
            run(all[0]);
            return;
        }
        lanes = all;
        left.set(all.length);
        ticket.set(++phase << 32 | (long) all.length << 16);
        int missing = Math.min(most, all.length - 1) - present.get();
        if (missing > 0) {
            present.addAndGet(Worker.call(this, missing));
        }
        while (work(false)) {}
        for (int spins = 0; left.get() > 0; spins++) {
            pause(spins);
        }
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            rethrow(thrown);
        }
    }

    /** Takes the first lane or the last and runs it; false if there is none. */
    private boolean work(boolean last) {
        long seen = ticket.get();
        int first = (int) (seen & 0xFFFF);
        int end = (int) (seen >> 16 & 0xFFFF);
        if (first >= end) {
            return false;
        }
        int lane = last ? end - 1 : first;
        if (ticket.compareAndSet(seen, last ? seen - (1 << 16) : seen + 1)) {
            try {
                run(lanes[lane]);
            } catch (RuntimeException | Error e) {
                note(lane, e);
            } finally {
                left.decrementAndGet();
            }
        }
        return true;
    }

    private static void run(Step.Kernel[] lane) {
        for (Step.Kernel kernel : lane) {
            kernel.run();
        }
    }

    private synchronized void note(int lane, Throwable e) {
        if (failure == null || lane < failed) {
            failure = e;
            failed = lane;
        }
    }

    private static void rethrow(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) thrown;
    }

    /** How many workers were called and have not left. */
    int workers() {
        return present.get();
    }

    /** Works until there has been nothing to do for a while. */
    void help() {
        try {
            for (int idle = 0; idle < 10 * SPINS; idle++) {
                if (work(true)) {
                    idle = 0;
                }
                Thread.onSpinWait();
            }
        } finally {
            present.decrementAndGet();
        }
    }

    private static void pause(int spins) {
        if (spins < SPINS) {
            Thread.onSpinWait();
        } else {
            LockSupport.parkNanos(NAP);
        }
    }
}
