package dev.fluxion.serving;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A batch, for Java Flight Recorder. Its duration is that of the computation. */
@Name("dev.fluxion.Batch")
@Label("Batch")
@Category("Fluxion")
@Description("A batch of requests was computed")
@StackTrace(false)
final class BatchEvent extends Event {
    /** Tells whether events are recorded. */
    private static final BatchEvent PROBE = new BatchEvent();

    @Label("Requests")
    private int requests;

    @Label("Samples")
    private int samples;

    @Label("Samples that wait")
    private int waiting;

    /** An event that begins now, or null if nobody records such events. */
    static @Nullable BatchEvent begun() {
        if (!PROBE.isEnabled()) {
            return null;
        }
        BatchEvent event = new BatchEvent();
        event.begin();
        return event;
    }

    /** Ends the event. */
    void end(int ofRequests, int ofSamples, int stillWaiting) {
        requests = ofRequests;
        samples = ofSamples;
        waiting = stillWaiting;
        commit();
    }

    /** For tests, and for compilers that look for fields that nobody reads. */
    @Override
    public String toString() {
        return requests + " requests, " + samples + " samples, " + waiting + " waiting";
    }
}
