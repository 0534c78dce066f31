package dev.fluxion.serving;

import dev.fluxion.ir.Given;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How one request is to be served: {@code Terms.of(Priority.HIGH).deadline(Duration.ofMillis(5))}.
 *
 * @param priority who comes first
 * @param deadline how long it may wait until its computation begins, if that is shorter than {@link Batching#deadline}
 * @param burst the requests that are made at the same time, for {@code submit}; null if there are none
 */
public record Terms(
        Priority priority, Duration deadline, @Nullable Burst burst) {
    /** Checks that there is time. */
    public Terms {
        Given.require("Terms", "the priority", priority);
        Errors.requirePositive("Terms", "the deadline", Given.require("Terms", "the deadline", deadline));
    }

    /** Neither before nor after others, with the deadline of the batcher. */
    static final Terms USUAL = of(Priority.NORMAL);

    /** A priority, and the deadline of the batcher. */
    public static Terms of(Priority priority) {
        return new Terms(priority, Batching.FOREVER, null);
    }

    /** Another deadline. */
    public Terms deadline(Duration time) {
        return new Terms(priority, time, burst);
    }

    /** Among requests that are made at the same time. */
    public Terms in(Burst others) {
        return new Terms(priority, deadline, Given.require("in", "the burst", others));
    }
}
