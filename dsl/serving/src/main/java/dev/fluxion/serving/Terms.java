package dev.fluxion.serving;

import dev.fluxion.ir.Given;
import java.time.Duration;

/**
 * How one request is to be served: {@code Terms.of(Priority.HIGH).deadline(Duration.ofMillis(5))}.
 *
 * @param priority who comes first
 * @param deadline how long it may wait until its computation begins, if that is shorter than {@link Batching#deadline}
 */
public record Terms(Priority priority, Duration deadline) {
    /** Checks that there is time. */
    public Terms {
        Given.require("Terms", "the priority", priority);
        Errors.requirePositive("Terms", "the deadline", Given.require("Terms", "the deadline", deadline));
    }

    /** Neither before nor after others, with the deadline of the batcher. */
    static final Terms USUAL = of(Priority.NORMAL);

    /** A priority, and the deadline of the batcher. */
    public static Terms of(Priority priority) {
        return new Terms(priority, Batching.FOREVER);
    }

    /** Another deadline. */
    public Terms deadline(Duration time) {
        return new Terms(priority, time);
    }
}
