package dev.fluxion.dsl.train;

import dev.fluxion.dsl.train.TrainingListener.Epoch;
import dev.fluxion.ir.Given;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What came of a training.
 *
 * @param history a report of each epoch, also of those before a training was resumed
 * @param best the best epoch by the rule of early stopping or of checkpoints; null without such a rule, or if no epoch ended
 * @param end why it ended
 * @param reason what a listener said when it asked to stop, else empty
 * @param steps the number of updates, also of those before it was resumed
 */
public record Outcome(List<Epoch> history, @Nullable Epoch best, End end, String reason, long steps) {
    /** Why a training ended. */
    public enum End {
        /** All epochs were trained. */
        EPOCHS,
        /** The most steps were done. */
        STEPS,
        /** The time was over. */
        TIME,
        /** It got no better. */
        NO_BETTER,
        /** A listener asked to stop. */
        ASKED,
        /** The JVM shuts down, as on Ctrl-C. */
        SHUTDOWN
    }

    /** Checks that nothing is missing, and copies the history. */
    public Outcome {
        history = List.copyOf(Given.require("Outcome", "the history", history));
        Given.require("Outcome", "why it ended", end);
        Given.require("Outcome", "the reason", reason);
    }

    /** In one line, as {@code 3 epochs, 2814 steps, best epoch 2, ended: all epochs}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d epochs, %d steps%s, ended: %s%s",
                history.size(),
                steps,
                best == null ? "" : ", best epoch " + (best.epoch() + 1),
                switch (end) {
                    case EPOCHS -> "all epochs";
                    case STEPS -> "the most steps";
                    case TIME -> "the time was over";
                    case NO_BETTER -> "it got no better";
                    case ASKED -> "a listener asked";
                    case SHUTDOWN -> "the JVM shuts down";
                },
                reason.isEmpty() ? "" : ": " + reason);
    }
}
