package dev.fluxion.dsl.train;

import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Slot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that a training needs to go on bit for bit, at one moment, in one file: {@code training.checkpoint().save(file)}, and
 * {@code training.restore(Checkpoint.load(file))} in another process. It is immutable and refers to no model.
 *
 * @param weights the parameters of the model by name
 * @param state the optimizer's state, the number of steps, the random numbers, the learning rate, and how far a {@link
 *     Trainer} has come in its data
 * @param reports those of the epochs so far and of evaluations within them, of a {@link Trainer}
 * @param best the weights of the best of these, if a {@link Trainer} keeps these to go back to; else empty
 * @param texts what the training is of and where it ran, to be read by people: {@code configuration.optimizer}, {@code
 *     environment.java}
 */
public record Checkpoint(
        Map<String, Tensor> weights,
        TrainingState state,
        List<TrainingListener.Report> reports,
        Map<String, Tensor> best,
        Map<String, String> texts) {
    private static final String CHECKPOINT = "Checkpoint";

    /** Checks that nothing is missing, and copies maps and the list. */
    public Checkpoint {
        Given.require(CHECKPOINT, "the state", state);
        weights = copy("the weights", weights);
        reports = List.copyOf(Given.require(CHECKPOINT, "the reports", reports));
        best = copy("the best weights", best);
        texts = copy("the texts", texts);
    }

    private static <T> Map<String, T> copy(String what, Map<String, T> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(Given.require(CHECKPOINT, what, map)));
    }

    /**
     * The weights with the averages that {@link Optimizer#average} keeps in place of those that it trains.
     *
     * @throws IllegalStateException if there are none, as before the first update
     */
    public Map<String, Tensor> averages() {
        Map<String, Tensor> values = new LinkedHashMap<>(weights);
        boolean some = false;
        for (Map.Entry<Slot, Tensor> kept : state.kept().entrySet()) {
            if (kept.getKey()
                    .equals(Slot.optimizer(Optimizer.AVERAGE, kept.getKey().parameter()))) {
                values.put(kept.getKey().parameter(), kept.getValue());
                some = true;
            }
        }
        if (!some || state.steps() == 0) {
            throw new IllegalStateException(Errors.noAverages("the optimizer"));
        }
        return values;
    }

    /** This, with what a trainer knows besides. */
    Checkpoint with(List<TrainingListener.Report> all, Map<String, Tensor> bestWeights, Map<String, String> more) {
        Map<String, String> both = new LinkedHashMap<>(texts);
        both.putAll(more);
        return new Checkpoint(weights, state, all, bestWeights, both);
    }

    /**
     * Writes this as a safetensors file with checksums. It appears under its name when it is complete and on the disk;
     * until then, whatever happens, a file that had the name before stays as it is.
     *
     * @throws IOException if the file cannot be written
     */
    public void save(Path file) throws IOException {
        CheckpointFile.write(Given.require("save", "the file", file), this);
    }

    /**
     * Reads a checkpoint; all of it is checked before anything is given.
     *
     * @throws IOException if the file cannot be read, is damaged, or is no checkpoint
     */
    public static Checkpoint load(Path file) throws IOException {
        return CheckpointFile.read(Given.require("load", "the file", file));
    }
}
