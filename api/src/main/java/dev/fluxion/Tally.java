package dev.fluxion;

import java.util.Map;

/**
 * What a metric has seen so far: counts, sums, or the scores themselves. Batches are added, tallies of parts of the data
 * are merged, and the value is that of all samples at once, however they were divided. A tally is for one thread at a
 * time; several threads have one each and merge them.
 */
public interface Tally {
    /**
     * Adds a batch.
     *
     * @param output what the model computed, batch along the first axis
     * @param target what it should have computed
     * @throws IllegalArgumentException if they do not fit the metric; the tally stays as it was
     */
    void add(Tensor output, Tensor target);

    /**
     * Adds a batch of a model with several outputs or targets: its result and the only target, unless the metric says
     * which ones: see {@link Metric#on}.
     *
     * @throws IllegalArgumentException if there are several targets, or none
     */
    default void add(Tensors outputs, Tensors targets) {
        if (targets.all().size() != 1) {
            throw new IllegalArgumentException(Errors.notOneTarget(targets.names()));
        }
        add(outputs.get(Scope.RESULT), targets.only());
    }

    /**
     * Adds all that another tally of the same metric has seen; the other one does not change.
     *
     * @throws IllegalArgumentException if it is of another metric
     */
    void merge(Tally other);

    /**
     * Adds all that another tally of the same metric has seen, where each of its samples counts so many times. It is what
     * {@link Metric#weighted} needs; a tally that cannot do so takes a weight of 1 only.
     *
     * @param weight finite and above 0
     * @throws IllegalArgumentException if the other tally is of another metric
     * @throws UnsupportedOperationException if the samples of this metric have no weights
     */
    default void merge(Tally other, double weight) {
        if (weight != 1) {
            throw new UnsupportedOperationException(Errors.noWeights(this));
        }
        merge(other);
    }

    /** The value of all that was added; NaN where nothing defines one, as where nothing was added. */
    double value();

    /**
     * The values by name: one, unless the metric has one for each class.
     *
     * @param name the name of the metric
     */
    default Map<String, Double> values(String name) {
        return Map.of(name, value());
    }
}
