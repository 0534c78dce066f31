package dev.fluxion.dsl.train;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** An epoch of a training, for Java Flight Recorder. Its duration includes evaluations. */
@Name("dev.fluxion.Epoch")
@Label("Training epoch")
@Category("Fluxion")
@Description("An epoch was trained and evaluated")
@StackTrace(false)
final class EpochEvent extends Event {
    /** Tells whether events are recorded. */
    private static final EpochEvent PROBE = new EpochEvent();

    @Label("Epoch, from 0")
    private int epoch;

    @Label("Updates of the whole training")
    private long steps;

    @Label("Mean loss")
    private double loss;

    /** An event that begins now, or null if nobody records such events. */
    static @Nullable EpochEvent begun() {
        if (!PROBE.isEnabled()) {
            return null;
        }
        EpochEvent event = new EpochEvent();
        event.begin();
        return event;
    }

    /** Ends the event. */
    void end(int epoch, long steps, double loss) {
        this.epoch = epoch;
        this.steps = steps;
        this.loss = loss;
        commit();
    }

    /** For tests, and for compilers that look for fields that nobody reads. */
    @Override
    public String toString() {
        return "epoch " + epoch + ", " + steps + " steps, loss " + loss;
    }
}
