package dev.fluxion.serving.protocol;

import dev.fluxion.serving.Burst;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * The requests of all connections of one event loop that have come at one time. They are asked when all of them are read, so that
 * they are computed as few large batches.
 */
public final class Rush implements Runnable {
    /** Where requests take long to read, none waits longer for the next ones, in nanoseconds. */
    private static final long LONGEST = 500_000;

    private final Executor loop;
    private final LongSupplier clock;
    private final Burst burst = new Burst();
    private List<Runnable> come = new ArrayList<>();
    private List<Runnable> before = new ArrayList<>();

    /**
     * No requests.
     *
     * @param loop runs a task when the event loop has read all that has come by then
     */
    public Rush(Executor loop) {
        this(loop, System::nanoTime);
    }

    Rush(Executor loop, LongSupplier clock) {
        this.loop = loop;
        this.clock = clock;
    }

    /** The requests of a model that are asked at the same time. */
    public Burst burst() {
        return burst;
    }

    /** Asks when all that has come by now is read. */
    public void add(Runnable ask) {
        if (come.isEmpty()) {
            loop.execute(this);
        }
        come.add(ask);
    }

    @Override
    public void run() {
        List<Runnable> now = come;
        come = before;
        before = now;
        long begun = clock.getAsLong();
        try {
            for (Runnable ask : now) {
                ask.run();
                if (clock.getAsLong() - begun > LONGEST) {
                    burst.close();
                    begun = clock.getAsLong();
                }
            }
        } finally {
            burst.close();
            now.clear();
        }
    }
}
