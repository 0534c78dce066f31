package dev.fluxion.dsl.train;

import dev.fluxion.Past;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file says of a network, without its layers.
 *
 * @param text the layer as the user wrote it
 * @param inPrediction what it makes in prediction
 * @param inTraining what it makes in training; null if the file does not tell
 * @param sessions what it makes where sequences go on, along each extent of which the file tells
 */
record Opened(
        String text, OpenApplied inPrediction, @Nullable OpenApplied inTraining, List<OpenSession> sessions)
        implements Structure {
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
    public Following follow(Network network, String extent, BatchShape batch, Past past) {
        return sessions.stream()
                .filter(session -> session.extent().equals(extent))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(Errors.noSessionInFile(extent)))
                .at(batch, past);
    }

    /** Formulas are of histories that are there. */
    @Override
    public int leastRoom(int most) {
        return Math.min(most, Sequences.ROOM);
    }

    @Override
    public List<OpenSession> sessions(Network network) {
        return sessions;
    }

    @Override
    public String toString() {
        return text;
    }
}
