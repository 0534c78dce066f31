package dev.fluxion.engine.run;

import dev.fluxion.ffi.Threads;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that helps one team at a time. All programs share the workers; there are as many as the largest team wants. They end
 * with the last program, so that a class loader goes with what was loaded by it.
 */
final class Worker extends Thread {
    private static volatile Worker[] all = new Worker[0];
    private static int programs;
    /** The team of workers that have ended. */
    private static final WorkerTeam GONE = new WorkerTeam(1);

    private final AtomicReference<@Nullable WorkerTeam> team = new AtomicReference<>();
    private volatile boolean ends;

    private Worker(int number) {
        super(null, null, "fluxion-" + number, 0, false);
        setDaemon(true);
        setContextClassLoader(null);
    }

    /** There is one more program. */
    static synchronized void begin() {
        programs++;
    }

    /** There is one program less. */
    static synchronized void end() {
        programs--;
        if (programs == 0) {
            Worker[] last = all;
            all = new Worker[0];
            for (Worker worker : last) {
                worker.ends = true;
                LockSupport.unpark(worker);
            }
        }
    }

    /** Sees to it that there are enough workers. */
    static synchronized void atLeast(int count) {
        if (all.length < count) {
            Worker[] more = Arrays.copyOf(all, count);
            for (int i = all.length; i < count; i++) {
                more[i] = new Worker(i + 1);
                more[i].start();
            }
            all = more;
        }
    }

    /** Calls workers that are free, at most so many, and tells how many come. */
    static int call(WorkerTeam team, int count) {
        int missing = count;
        for (Worker worker : all) {
            if (missing > 0 && worker.team.compareAndSet(null, team)) {
                LockSupport.unpark(worker);
                missing--;
            }
        }
        return count - missing;
    }

    @Override
    public void run() {
        Threads.current(1);
        while (true) {
            WorkerTeam called = team.get();
            if (called == null && ends && team.compareAndSet(null, GONE)) {
                return;
            }
            if (called == null) {
                LockSupport.park(this);
                // An interrupt is for nobody here, but would keep the thread from parking.
                Thread.interrupted();
            } else {
                called.help();
                team.set(null);
            }
        }
    }
}
