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
    /** Looks, some dozen microseconds, before a waiting thread lets others have its processor between them. */
    private static final int SPINS = 2000;
    /** Looks before a worker leaves, within half a millisecond, */
    private static final int IDLE = SPINS + 300;
    /** and before whoever waits for one sleeps, some milliseconds: to wake up takes longer than most lanes. */
    private static final int PATIENCE = SPINS + 3000;
    /** How long it sleeps before it looks again, in nanoseconds. */
    private static final long NAP = 20_000;

    private final int most;
    /** The workers that were called and have not left. */
    private final AtomicInteger present = new AtomicInteger();
    /** The number of the phase, and of the lanes that nobody has taken: the end (16 bits) and the first (16 bits). */
    private final AtomicLong ticket = new AtomicLong();

    /** The lanes that have not ended. These and the lanes themselves are seen by whoever sees the phase's number. */
    private final AtomicInteger left = new AtomicInteger();

    private Step.Kernel[][] lanes = new Step.Kernel[0][];
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
        left.lazySet(all.length);
        ticket.set(++phase << 32 | (long) all.length << 16);
        int missing = Math.min(most, all.length - 1) - present.get();
        if (missing > 0) {
            present.addAndGet(Worker.call(this, missing));
        }
        while (work(false)) {}
        for (int looks = 0; left.get() > 0; looks++) {
            if (looks < PATIENCE) {
                pause(looks);
            } else {
                LockSupport.parkNanos(NAP);
            }
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
            for (int looks = 0; looks < IDLE; looks++) {
                if (work(true)) {
                    looks = 0;
                }
                pause(looks);
            }
        } finally {
            present.decrementAndGet();
        }
    }

    @SuppressWarnings("ThreadPriorityCheck")
    private static void pause(int looks) {
        if (looks < SPINS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }
}
