package dev.fluxion.engine;

import dev.fluxion.engine.error.Errors;

/**
 * How to compile.
 *
 * @param threads how many threads compute at the same time, the calling one among them, at least 1
 */
public record Options(int threads) {
    /** Checks the numbers. */
    public Options {
        if (threads < 1) {
            throw new IllegalArgumentException(Errors.threads(threads));
        }
    }

    /** As many threads as the machine has processors. */
    public static Options defaults() {
        return new Options(Runtime.getRuntime().availableProcessors());
    }

    /** The same options with another number of threads. */
    public Options withThreads(int count) {
        return new Options(count);
    }
}
