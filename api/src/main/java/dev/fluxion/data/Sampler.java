package dev.fluxion.data;

import dev.fluxion.ir.Given;

/** The order in which the samples of an epoch come: see {@link DataLoader#order}. It depends on its arguments only. */
@FunctionalInterface
public interface Sampler {
    /**
     * The numbers of the samples of an epoch, in order; some may come several times, and others not at all.
     *
     * @param samples the number of samples of the data set
     * @param batch the number of samples of a batch
     * @param epoch the number of the epoch, counted from 0
     */
    int[] order(int samples, int batch, int epoch);

    /** How many samples an epoch has, of a data set of so many; at first all. */
    default int count(int samples) {
        return samples;
    }

    /** The order of the data set. */
    static Sampler inOrder() {
        return new Samplers.InOrder();
    }

    /** Each epoch in a random order of its own, which depends on the seed and the epoch only. */
    static Sampler shuffled(long seed) {
        return new Samplers.Shuffled(seed);
    }

    /**
     * Samples drawn with replacement, each as often as its weight says, on average.
     *
     * @param weights finite and not negative, one for each sample of the data set
     * @param count how many an epoch has
     * @throws IllegalArgumentException if a weight is bad, all are 0, or there is nothing to draw
     */
    static Sampler weighted(long seed, double[] weights, int count) {
        return new Samplers.Weighted(seed, Samplers.sums(Given.require("weighted", "the weights", weights)), count);
    }

    /**
     * As many samples as there are, drawn with replacement so that each class comes as often as any other, on average.
     *
     * @param labels the class of each sample, as {@link Dataset#labels()} has it
     */
    static Sampler balanced(long seed, int[] labels) {
        return weighted(seed, Samplers.balance(Given.require("balanced", "the labels", labels)), labels.length);
    }

    /**
     * Batches of samples of about the same length, so that little is padded: a random order, of which each fifty batches are sorted by
     * length, and the batches in random order. A smaller one stays the last.
     *
     * @param lengths the length of each sample
     */
    static Sampler byLength(long seed, int[] lengths) {
        return new Samplers.ByLength(
                seed, Given.require("byLength", "the lengths", lengths).clone());
    }
}
