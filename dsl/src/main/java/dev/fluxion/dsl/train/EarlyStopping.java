package dev.fluxion.dsl.train;

import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.train.TrainingListener.Report;
import dev.fluxion.ir.Given;
import java.util.List;

/**
 * Ends a training that no longer gets better: {@code EarlyStopping.of(Best.highest("accuracy"), 3)}. The model then has the
 * weights of the best evaluation, unless with {@code keepLast()}. There is one after each epoch, and more with {@link
 * Trainer#evaluateEvery}.
 *
 * @param best which evaluation is the best
 * @param patience how many evaluations in a row may be no better than it
 * @param restoresBest whether the model gets the weights of the best one in the end, however the training ends
 */
public record EarlyStopping(Best best, int patience, boolean restoresBest) {
    /** Checks that something is the best, and that there is some patience. */
    public EarlyStopping {
        Given.require("EarlyStopping", "which is best", best);
        Numbers.requireAtLeast("EarlyStopping", "the patience", 1, patience);
    }

    /** Stops after so many evaluations in a row that are no better, and goes back to the best weights. */
    public static EarlyStopping of(Best best, int patience) {
        return new EarlyStopping(best, patience, true);
    }

    /** This, with the model keeping the last weights. */
    public EarlyStopping keepLast() {
        return new EarlyStopping(best, patience, false);
    }

    /** Whether it is time to stop. */
    boolean stops(List<Report> history) {
        return history.size() - 1 - best.of(history) >= patience;
    }
}
