package dev.fluxion.engine;

import dev.fluxion.engine.error.Errors;
import org.jspecify.annotations.Nullable;

/**
 * How to compile.
 *
 * @param threads how many threads compute at the same time, the calling one among them, from 1 to 1,024
 */
public record Options(int threads) {
    private static final int MOST_THREADS = 1024;

    /** Checks the numbers. */
    public Options {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException(Errors.threads(MOST_THREADS, threads));
        }
    }

    /** As many threads as the machine has processors. */
    public static Options defaults() {
        return new Options(Math.min(Runtime.getRuntime().availableProcessors(), MOST_THREADS));
    }

    /** The same options with another number of threads. */
    public Options withThreads(int count) {
        return new Options(count);
    }

    /** Written out: what Java generates for records takes a new process milliseconds each. */
    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Options that && threads == that.threads;
    }

    @Override
    public int hashCode() {
        return threads;
    }
}
