package dev.fluxion.examples.cli;

import dev.fluxion.data.Dataset;
import java.util.List;

/**
 * Samples to learn from and to test with.
 *
 * @param name what they are, for people
 * @param train the samples to learn from
 * @param test the samples to test with
 * @param classes the names of the classes, in their order; empty if the targets are no labels
 */
public record TrainingData(String name, Dataset train, Dataset test, List<String> classes) {
    private static final int TEST_SHARE = 5;

    /** Copies the names. */
    public TrainingData {
        classes = List.copyOf(classes);
    }

    /** The extents of a sample's input, such as 1, 28, 28. */
    public int[] sample() {
        return train.first(1).inputs().shape().without(0).dims();
    }

    /** This with the first samples only, and a fifth as many to test with; 0 means all. */
    TrainingData take(int samples) {
        if (samples < 0) {
            throw new IllegalArgumentException("the samples must be at least 0 but are " + samples);
        }
        return samples == 0 || samples >= train.size()
                ? this
                : new TrainingData(
                        name,
                        train.take(samples),
                        test.take(Math.min(Math.max(1, samples / TEST_SHARE), test.size())),
                        classes);
    }

    /** The name and the numbers of samples. */
    @Override
    public String toString() {
        return String.format("%s: %,d samples to learn from, %,d to test with", name, train.size(), test.size());
    }
}
