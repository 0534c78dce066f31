package dev.fluxion.engine.run;

import dev.fluxion.ffi.Threads;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A thread that helps one crew at a time. All programs share the helpers; there are as many as the largest crew wants. */
final class Helper extends Thread {
    private static volatile Helper[] all = new Helper[0];

    private final AtomicReference<@Nullable Crew> crew = new AtomicReference<>();

    private Helper(int number) {
        super(null, null, "fluxion-" + number, 0, false);
        setDaemon(true);
        setContextClassLoader(null);
    }

    /** Sees to it that there are enough helpers. */
    static synchronized void atLeast(int count) {
        if (all.length < count) {
            Helper[] more = Arrays.copyOf(all, count);
            for (int i = all.length; i < count; i++) {
                more[i] = new Helper(i + 1);
                more[i].start();
            }
            all = more;
        }
    }

    /** Calls helpers that are free, at most so many, and tells how many come. */
    static int call(Crew crew, int count) {
        int missing = count;
        for (Helper helper : all) {
            if (missing > 0 && helper.crew.compareAndSet(null, crew)) {
                LockSupport.unpark(helper);
                missing--;
            }
        }
        return count - missing;
    }

    @Override
    public void run() {
        Threads.current(1);
        while (true) {
            Crew called = crew.get();
            if (called == null) {
                LockSupport.park(this);
                // An interrupt is for nobody here, but would keep the thread from parking.
                Thread.interrupted();
            } else {
                called.help();
                crew.set(null);
            }
        }
    }
}
