package dev.fluxion.serving;

import dev.fluxion.dsl.train.Part;

/** Samples that wait to be computed. The lock of the dispatcher guards whether they do. */
final class Request {
    private final Part part;
    private final boolean joins;
    private final Priority priority;
    private final Outcome outcome;
    private long arrival;
    private long deadline;

    /** Samples, whether they may be computed beside others, and who waits for them. */
    Request(Part part, boolean joins, Priority priority, Outcome outcome) {
        this.part = part;
        this.joins = joins;
        this.priority = priority;
        this.outcome = outcome;
    }

    /** The request is made now. Times are those of a clock in nanoseconds, which may overflow. */
    void arrives(long now, long patience) {
        arrival = now;
        deadline = now + patience;
    }

    Part part() {
        return part;
    }

    int rows() {
        return part.rows();
    }

    boolean joins() {
        return joins;
    }

    Priority priority() {
        return priority;
    }

    Outcome outcome() {
        return outcome;
    }

    /** Since when it waits. */
    long arrival() {
        return arrival;
    }

    /** When it expires. */
    long deadline() {
        return deadline;
    }

    /** How long it may still wait, in nanoseconds. */
    long left(long now) {
        return deadline - now;
    }

    /** Whether it is not to be computed any more. */
    boolean isOver(long now) {
        return left(now) <= 0 || outcome.isAbandoned();
    }
}
