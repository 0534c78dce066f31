package dev.fluxion.serving;

import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;

/**
 * What a version has done since it was loaded; see {@link Models#statistics}. Numbers are read one after the other, while requests
 * come.
 *
 * @param answered how many requests were answered
 * @param samples how many samples these had
 * @param queueNanos how long these waited, together, in nanoseconds
 * @param computeNanos how long the batches that these were in were computed; each batch counts once for each of its requests
 * @param refused how many requests were not answered, by reason
 * @param batches the batches by their number of samples; those of more than 1,024 as if of 1,025
 * @param waiting how many samples wait at present
 * @param last when a request was answered last; the epoch if none was
 */
public record Statistics(
        long answered,
        long samples,
        long queueNanos,
        long computeNanos,
        Map<Refusal, Long> refused,
        SortedMap<Integer, Batches> batches,
        int waiting,
        Instant last) {
    /** How many batches were computed. */
    public long executions() {
        return batches.values().stream().mapToLong(Batches::count).sum();
    }

    /** How many requests were not answered, for whatever reason. */
    public long failures() {
        return refused.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Batches of one size.
     *
     * @param count how many were computed
     * @param nanos how long that took, together, in nanoseconds
     */
    public record Batches(long count, long nanos) {}
}
