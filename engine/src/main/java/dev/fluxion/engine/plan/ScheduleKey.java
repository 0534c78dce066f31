package dev.fluxion.engine.plan;

import org.jspecify.annotations.Nullable;

/**
 * When a value is computed beside others. Strands do not depend on each other, so that threads can run them at the same
 * time; within a strand the order decides, so that the values of one part of the batch are used while they are in the cache.
 *
 * @param strand counted from 0, −1 for what belongs to no strand
 * @param order the place within the strand
 * @param times how many tiles the value is computed for, one after the other, in a loop with all others of its key; 1 if once
 */
public record ScheduleKey(int strand, int order, int times) {
    private static final int PART = -1;

    /** Belongs to no strand. */
    public static final ScheduleKey SERIAL = new ScheduleKey(-1, 0);

    /** Once, in a strand. */
    public ScheduleKey(int strand, int order) {
        this(strand, order, 1);
    }

    /** Behind everything else of a strand. */
    public static ScheduleKey last(int strand) {
        return new ScheduleKey(strand, Integer.MAX_VALUE);
    }

    /** A part of a step that threads share: no part runs ahead of the others, so that none has to wait for two that take turns. */
    public static ScheduleKey part(int number) {
        return new ScheduleKey(number, PART);
    }

    /** Whether this is a part of the same step as the one before it, or a further step of that part. */
    boolean isBeside(ScheduleKey before) {
        return order == PART && before.order == PART && strand >= before.strand;
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof ScheduleKey that && strand == that.strand && order == that.order && times == that.times;
    }

    @Override
    public int hashCode() {
        return 31 * strand + order;
    }

    /** Whether the value is computed for one tile after the other. */
    public boolean isLoop() {
        return times > 1;
    }

    /** Whether the value belongs to a strand. */
    public boolean isStrand() {
        return strand >= 0;
    }
}
