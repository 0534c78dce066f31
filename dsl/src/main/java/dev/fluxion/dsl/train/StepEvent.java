package dev.fluxion.dsl.train;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A step of a training, for Java Flight Recorder. Its duration is that of forward, backward and update. */
@Name("dev.fluxion.Step")
@Label("Training step")
@Category("Fluxion")
@Description("A batch was trained; the duration is that of forward, backward and update")
@StackTrace(false)
final class StepEvent extends Event {
    /** Tells whether events are recorded. */
    private static final StepEvent PROBE = new StepEvent();

    @Label("Epoch, from 0")
    private int epoch;

    @Label("Iteration of the epoch, from 0")
    private int iteration;

    @Label("Samples")
    private int samples;

    @Label("Learning rate")
    private double learningRate;

    @Label("Loss before the update")
    private float loss;

    /** An event that begins now, or null if nobody records such events. */
    static @Nullable StepEvent begun() {
        if (!PROBE.isEnabled()) {
            return null;
        }
        StepEvent event = new StepEvent();
        event.begin();
        return event;
    }

    /** Ends the event. */
    void end(int epoch, int iteration, int samples, double learningRate, float loss) {
        this.epoch = epoch;
        this.iteration = iteration;
        this.samples = samples;
        this.learningRate = learningRate;
        this.loss = loss;
        commit();
    }

    /** For tests, and for compilers that look for fields that nobody reads. */
    @Override
    public String toString() {
        return "epoch " + epoch + ", iteration " + iteration + ", " + samples + " samples, lr " + learningRate
                + ", loss " + loss;
    }
}
