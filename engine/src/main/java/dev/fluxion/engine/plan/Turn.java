package dev.fluxion.engine.plan;

import org.jspecify.annotations.Nullable;

/**
 * When a value is computed beside others. Strands do not depend on each other, so that threads can run them at the same
 * time; within a strand the order decides, so that the values of one part of the batch are used while they are in the cache.
 *
 * @param strand counted from 0, −1 for what belongs to no strand
 * @param order the place within the strand
 */
public record Turn(int strand, int order) {
    /** Belongs to no strand. */
    public static final Turn SERIAL = new Turn(-1, 0);

    /** Behind everything else of a strand. */
    public static Turn last(int strand) {
        return new Turn(strand, Integer.MAX_VALUE);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Turn that && strand == that.strand && order == that.order;
    }

    @Override
    public int hashCode() {
        return 31 * strand + order;
    }

    /** Whether the value belongs to a strand. */
    public boolean isStrand() {
        return strand >= 0;
    }
}
