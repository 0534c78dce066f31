package dev.fluxion.dsl.train;

import org.jspecify.annotations.Nullable;

/**
 * What a file says of a network, without its layers.
 *
 * @param text the layer as the user wrote it
 * @param inPrediction what it makes in prediction
 * @param inTraining what it makes in training; null if the file does not tell
 */
record Opened(
        String text, OpenApplied inPrediction, @Nullable OpenApplied inTraining) implements Structure {
    @Override
    public Applied apply(Network network, boolean training, BatchShape batch) {
        OpenApplied open = training ? inTraining : inPrediction;
        if (open == null) {
            throw new IllegalStateException(Errors.noTrainingGraph());
        }
        return open.at(batch);
    }

    @Override
    public OpenApplied prediction(Network network) {
        return inPrediction;
    }

    @Override
    public @Nullable OpenApplied training(Network network) {
        return inTraining;
    }

    @Override
    public String toString() {
        return text;
    }
}
