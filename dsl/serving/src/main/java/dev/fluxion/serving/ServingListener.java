package dev.fluxion.serving;

/**
 * Hears what a batcher does, for instance to count it. Methods are called by the threads that compute or ask, several at the
 * same time, and must be quick. What they throw is logged and goes no further.
 */
public interface ServingListener {
    /** Hears nothing. */
    ServingListener NONE = new ServingListener() {};

    /** A request is made. It is {@link #answered} or {@link #refused} once, later. */
    default void asked() {}

    /**
     * A request was answered.
     *
     * @param samples how many it had
     * @param queueNanos how long it waited, in nanoseconds; 0 if its caller computed it at once
     * @param computeNanos how long its batch was computed
     */
    default void answered(int samples, long queueNanos, long computeNanos) {}

    /**
     * A batch was computed.
     *
     * @param requests how many it was put together from
     * @param samples how many they had
     * @param computeNanos how long it took, in nanoseconds
     */
    default void computed(int requests, int samples, long computeNanos) {}

    /** A request was not answered. */
    default void refused(Refusal why) {}
}
