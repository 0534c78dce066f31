package dev.fluxion.examples.cli;

import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.train.Metrics.accuracy;

import dev.fluxion.Metric;
import dev.fluxion.MultiLoss;
import dev.fluxion.Optimizer;
import dev.fluxion.Schedule;
import dev.fluxion.data.Augmentation;
import dev.fluxion.dsl.optim.Schedules;
import dev.fluxion.dsl.train.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model, and how it is trained. A class of your own with a public constructor without arguments is one, too:
 *
 * <pre>{@code
 * public class MyNet implements Recipe {
 *     public Model model(TrainingData data) {
 *         return Model.of(Seq.of(flatten(), linear(64), relu(), linear(data.classes().size())), data.sample());
 *     }
 * }
 * }</pre>
 *
 * <p>With the class on the class path, {@code fluxion train MyNet} trains it. All else has a default, which a class may override.
 */
@FunctionalInterface
public interface Recipe {
    /** The model for some data. */
    Model model(TrainingData data);

    /**
     * Data of its own, used unless the user names others with {@code --data-set}.
     *
     * @param folder what the user says with {@code --data}, null for nothing
     */
    default Optional<TrainingData> data(@Nullable Path folder) throws IOException {
        return Optional.empty();
    }

    /** What is made small, at first the cross entropy of logits with labels. */
    default MultiLoss loss() {
        return crossEntropy();
    }

    /** The learning rate, unless the user says another one. */
    default double rate() {
        return 0.001;
    }

    /** The optimizer for a learning rate, at first Adam. */
    default Optimizer optimizer(double rate) {
        return adam(rate);
    }

    /**
     * By what the learning rate is multiplied, at first 1.
     *
     * @param epochs the number of epochs
     * @param steps the number of steps of an epoch, for a schedule by steps
     */
    default Schedule schedule(int epochs, int steps) {
        return Schedules.constant();
    }

    /** How often to go through the samples, unless the user says otherwise, at first 5. */
    default int epochs() {
        return 5;
    }

    /** The samples in a batch, unless the user says otherwise, at first 64. */
    default int batch() {
        return 64;
    }

    /** By what the samples to learn from are changed in each epoch, at first nothing. */
    default List<Augmentation> augmentations(TrainingData data) {
        return List.of();
    }

    /** What is measured with the samples to test with, at first the accuracy. */
    default List<Metric> metrics() {
        return List.of(accuracy());
    }
}
