package dev.fluxion.serving;

import dev.fluxion.ir.Given;
import java.time.Duration;

/**
 * How much memory models may hold: {@code Limits.of(2L << 30).evictIdle(Duration.ofMinutes(10))}.
 *
 * @param bytes how many bytes of native memory, weights and programs, all models hold at most when one is loaded
 * @param idle how long a version must have been without requests, so that it is unloaded to make room for another one
 */
public record Limits(long bytes, Duration idle) {
    /** Checks the numbers. */
    public Limits {
        Errors.requirePositive("Limits", "bytes", bytes);
        Errors.requireNotNegative("Limits", "idle", Given.require("Limits", "idle", idle));
    }

    /** No limit. */
    public static Limits none() {
        return of(Long.MAX_VALUE);
    }

    /** A number of bytes; nothing is unloaded to make room. */
    public static Limits of(long bytes) {
        return new Limits(bytes, Batching.FOREVER);
    }

    /** The same, and versions that have had no requests for some time are unloaded to make room, the longest idle ones first. */
    public Limits evictIdle(Duration time) {
        return new Limits(bytes, time);
    }
}
