package dev.fluxion;

/** Measures how good outputs are, as a mean over samples; it is not differentiated. */
public interface Metric {
    /** The name to print, such as {@code accuracy}. */
    String name();

    /**
     * The sum over the samples of a batch.
     *
     * @param output what the model computed, batch along the first axis
     * @param target what it should have computed
     */
    double sum(Tensor output, Tensor target);

    /** The number of samples of a batch that count: all, unless the metric ignores some. */
    default double samples(Tensor target) {
        return target.shape().rank() == 0 ? 1 : target.shape().dim(0);
    }
}
