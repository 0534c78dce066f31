package dev.fluxion.dsl.train;

import dev.fluxion.dsl.train.TrainingListener.Epoch;
import dev.fluxion.dsl.train.TrainingListener.Evaluated;
import dev.fluxion.dsl.train.TrainingListener.Report;
import dev.fluxion.ir.Given;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What came of a training.
 *
 * @param reports one of each epoch and of each evaluation within one, also of those before a training was resumed
 * @param best the best of them by the rule of early stopping or of checkpoints; null without such a rule, or if there is none
 * @param end why it ended
 * @param reason what a listener said when it asked to stop, else empty
 * @param steps the number of updates, also of those before it was resumed
 */
public record Outcome(List<Report> reports, @Nullable Report best, End end, String reason, long steps) {
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
        /** The thread was interrupted, as by {@code Future.cancel(true)}. */
        INTERRUPTED,
        /** The JVM shuts down, as on Ctrl-C. */
        SHUTDOWN
    }

    /** Checks that nothing is missing, and copies the reports. */
    public Outcome {
        reports = List.copyOf(Given.require("Outcome", "the reports", reports));
        Given.require("Outcome", "why it ended", end);
        Given.require("Outcome", "the reason", reason);
    }

    /** The reports of the epochs. */
    public List<Epoch> history() {
        return epochs(reports);
    }

    static List<Epoch> epochs(List<Report> reports) {
        return reports.stream()
                .filter(Epoch.class::isInstance)
                .map(Epoch.class::cast)
                .toList();
    }

    /** In one line, as {@code 3 epochs, 2814 steps, best epoch 2, ended: all epochs}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d epochs, %d steps%s, ended: %s%s",
                history().size(),
                steps,
                best == null ? "" : ", best epoch " + (best.epoch() + 1) + step(best),
                switch (end) {
                    case EPOCHS -> "all epochs";
                    case STEPS -> "the most steps";
                    case TIME -> "the time was over";
                    case NO_BETTER -> "it got no better";
                    case ASKED -> "a listener asked";
                    case INTERRUPTED -> "the thread was interrupted";
                    case SHUTDOWN -> "the JVM shuts down";
                },
                reason.isEmpty() ? "" : ": " + reason);
    }

    private static String step(Report best) {
        return best instanceof Evaluated within ? ", step " + within.steps() : "";
    }
}
