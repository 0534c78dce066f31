package dev.fluxion.dsl;

import java.util.Map;

/** Is told how a training goes. */
public interface TrainingListener {
    /** Called after each iteration. */
    default void iteration(Iteration iteration) {}

    /** Called after each epoch, when it has been evaluated. */
    default void epoch(Epoch epoch) {}

    /**
     * One iteration: a batch, and one update.
     *
     * @param epoch the number of the epoch, from 0
     * @param iteration its number within the epoch, from 0
     * @param iterations how many the epoch has
     * @param learningRate the learning rate of its update
     * @param loss the loss before the update
     */
    record Iteration(int epoch, int iteration, int iterations, double learningRate, float loss) {}

    /**
     * One epoch.
     *
     * @param epoch its number, from 0
     * @param epochs how many there will be
     * @param learningRate its learning rate
     * @param loss the mean of its losses
     * @param metrics what the evaluation after it gave, by name; empty without one
     * @param seconds how long it took, without the evaluation
     */
    record Epoch(
            int epoch,
            int epochs,
            double learningRate,
            double loss,
            Map<String, Double> metrics,
            double seconds) {}
}
