package dev.fluxion.dsl.train;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Slot;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The state of a training at one moment, without the weights. With the weights of the same moment, another training
 * continues from it bit for bit; a {@link Checkpoint} has both. It is immutable and refers to no model.
 *
 * @param steps the number of updates so far
 * @param seed the seed of random numbers, such as those of dropout
 * @param draws the number of runs that have drawn random numbers
 * @param learningRate the learning rate of the updates to come
 * @param progress how far a {@link Trainer} has come in its data
 * @param kept the optimizer's tensors for each parameter, such as momentum, and the accumulated gradients
 * @param collected how many batches of the next update are done, where several make one
 * @param numbers the optimizer's numbers that belong to no parameter
 */
public record TrainingState(
        long steps,
        long seed,
        long draws,
        double learningRate,
        Progress progress,
        Map<Slot, Tensor> kept,
        int collected,
        Map<String, Double> numbers) {
    /** Checks the numbers and copies the maps. */
    public TrainingState {
        Numbers.requireNotNegative("state", "the number of steps", (double) steps);
        Numbers.requireNotNegative("state", "the number of draws", (double) draws);
        Numbers.requireNotNegative("state", "the learning rate", learningRate);
        Numbers.requireNotNegative("state", "the number of collected batches", collected);
        Given.require("state", "the progress", progress);
        Given.require("state", "what is kept", kept)
                .forEach((slot, tensor) -> Given.require(
                        "state", Given.require("state", "a slot", slot).toString(), tensor));
        kept = Collections.unmodifiableMap(new LinkedHashMap<>(kept));
        numbers = Map.copyOf(Given.require("state", "the numbers", numbers));
    }

    /** A state between two updates. */
    public TrainingState(
            long steps, long seed, long draws, double learningRate, Progress progress, Map<Slot, Tensor> kept) {
        this(steps, seed, draws, learningRate, progress, kept, 0, Map.of());
    }

    /**
     * How far a {@link Trainer} has come.
     *
     * @param epoch the number of the epoch, from 0
     * @param batches the number of its batches that were trained
     * @param samples the number of samples in these that count
     * @param loss the sum of the losses of these samples
     */
    public record Progress(int epoch, int batches, double samples, double loss) {
        /** Checks the numbers. */
        public Progress {
            Numbers.requireNotNegative("progress", "the epoch", epoch);
            Numbers.requireNotNegative("progress", "the number of batches", batches);
            Numbers.requireNotNegative("progress", "the number of samples", samples);
        }

        /** Before the first batch of an epoch. */
        public static Progress at(int epoch) {
            return new Progress(epoch, 0, 0, 0);
        }

        /** One batch further. */
        Progress next(double size, double batchLoss) {
            return new Progress(epoch, batches + 1, samples + size, loss + batchLoss);
        }

        /** The mean loss of the samples of this epoch; NaN before the first. */
        double meanLoss() {
            return loss / samples;
        }
    }
}
