package dev.fluxion;

/**
 * Measures how good outputs are; it is not differentiated. A mean over samples implements {@link #sum}; any other metric
 * implements {@link #start}.
 */
public interface Metric {
    /** The name to print, such as {@code accuracy}. */
    String name();

    /** A tally of nothing, to which batches are added. By default its value is the mean over the samples that count. */
    default Tally start() {
        return new MeanTally(this);
    }

    /**
     * The sum over the samples of a batch.
     *
     * @param output what the model computed, batch along the first axis
     * @param target what it should have computed
     * @throws UnsupportedOperationException if the metric is no mean over samples
     */
    default double sum(Tensor output, Tensor target) {
        throw new UnsupportedOperationException(Errors.noSum(name()));
    }

    /** The number of samples of a batch that count: all, unless the metric ignores some. */
    default double samples(Tensor target) {
        return target.shape().rank() == 0 ? 1 : target.shape().dim(0);
    }

    /**
     * This metric of another output of a model than its result, or of one of several targets:
     * {@code accuracy().on("genre", "kind")}, which is called {@code genre.accuracy}.
     */
    default Metric on(String output, String target) {
        return new NamedMetric(this, output, target);
    }

    /**
     * This metric with a weight for each sample, which the batch's target of this name gives: floats N, finite and not negative.
     * {@code accuracy().weighted("weight")} is called {@code accuracy.weighted}, and is scikit-learn's with {@code
     * sample_weight}. A sample of weight 2 counts as two of it, one of weight 0 not at all.
     */
    default Metric weighted(String target) {
        return new WeightedMetric(this, target);
    }
}
