package dev.fluxion.dsl.train;

import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.ir.Given;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows a training. {@link Trainer#fit} calls a listener on its own thread, in this order: {@link #begun}, for each epoch its
 * iterations and evaluations and then the epoch, and {@link #ended} last, whatever happens. Nothing that a listener hears has
 * any influence on the bits of the training.
 */
public interface TrainingListener {
    /** Called before the first step, when data and metrics have been found to fit. */
    default void begun(Begun begun) {}

    /** Called last, also if the training or a listener has failed. */
    default void ended(Ended ended) {}

    /** Whether it keeps a record in files, which {@link Trainer#fastDevRun(int)} does without. */
    default boolean keepsRecord() {
        return false;
    }

    /** Called after each iteration. */
    default void iteration(Iteration iteration) {}

    /** Called after each epoch, when it has been evaluated. */
    default void epoch(Epoch epoch) {}

    /** Called after each evaluation within an epoch; the one after it is in the report of the epoch. */
    default void evaluated(Evaluated evaluated) {}

    /** Called after each iteration with the training itself, for instance to save its {@link Training#state()}. */
    default void iteration(Iteration iteration, Training training) {
        iteration(iteration);
    }

    /** Called after each epoch, when it has been evaluated, with the training itself. */
    default void epoch(Epoch epoch, Training training) {
        epoch(epoch);
    }

    /**
     * Writes a line for some iterations, for each epoch and each evaluation: {@code lines(100, System.out::println)}.
     *
     * @param every the number of iterations of an epoch per line; 0 for none of these
     * @param out what takes the lines
     */
    static TrainingListener lines(int every, Consumer<String> out) {
        Numbers.requireAtLeast("lines", "every", 0, every);
        Given.require("lines", "where lines go", out);
        return new Lines(iteration -> every > 0 && (iteration.iteration() + 1) % every == 0, out);
    }

    /**
     * Shows how far it has come, on {@code System.out}: on a terminal a bar with loss, metrics, samples per second and time left,
     * in a line that is written anew, and elsewhere a line for each epoch and evaluation, and within long epochs every half minute.
     * A terminal is not used as one if {@code NO_COLOR} or {@code CI} is set or {@code TERM} is {@code dumb}.
     */
    static TrainingListener progress() {
        Terminal terminal = Terminal.ofThisProcess();
        return terminal == null
                ? new Lines(Lines.atMostEvery(Duration.ofSeconds(30), System::nanoTime), System.out::println)
                : new ProgressBar(terminal, System.out, System::nanoTime);
    }

    /**
     * A training that begins.
     *
     * @param trainer what trains
     * @param model what is trained
     * @param data the data that it is trained on
     * @param steps the number of updates so far
     * @param progress how far it has come in its data
     */
    record Begun(Trainer trainer, Model model, DataLoader data, long steps, TrainingState.Progress progress) {
        private static final String BEGUN = "Begun";

        /** Checks that nothing is missing. */
        public Begun {
            Given.require(BEGUN, "the trainer", trainer);
            Given.require(BEGUN, "the model", model);
            Given.require(BEGUN, "the data", data);
            Given.require(BEGUN, "the progress", progress);
        }

        /** Whether the training goes on from a checkpoint or a later epoch, and is not a new one. */
        public boolean goesOn() {
            return progress.epoch() > 0 || progress.batches() > 0;
        }

        /**
         * What is trained how and where, as texts by names such as {@code configuration.optimizer} and {@code
         * environment.threads}, in the same order each time; a {@link Checkpoint} has the same.
         */
        public Map<String, String> setting() {
            return Setting.of(trainer, model, data);
        }

        @Override
        public String toString() {
            return "the start, with " + steps + " steps done";
        }
    }

    /**
     * A training that has ended; the model has the weights that it is to have.
     *
     * @param outcome what came of it, or null if it failed
     * @param failure why it failed, or null
     */
    record Ended(@Nullable Outcome outcome, @Nullable Throwable failure) {
        @Override
        public String toString() {
            return "the end, " + (outcome == null ? "failed: " + failure : outcome);
        }
    }

    /**
     * One iteration: a batch and an update.
     *
     * @param epoch the number of the epoch, from 0
     * @param epochs the number of epochs
     * @param iteration its number within the epoch, from 0
     * @param iterations the number of iterations of the epoch
     * @param learningRate the learning rate of its update
     * @param loss the loss before the update
     */
    record Iteration(int epoch, int epochs, int iteration, int iterations, double learningRate, float loss) {
        /** A line for people, who count from 1: {@code epoch 1/3, iteration 100/938, lr 0.01, loss 0.4312}. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "epoch %d/%d, iteration %d/%d, lr %s, loss %s",
                    epoch + 1,
                    epochs,
                    iteration + 1,
                    iterations,
                    Lines.rate(learningRate),
                    Lines.number(loss));
        }
    }

    /** What is known after an epoch, or after an evaluation within one. */
    sealed interface Report {
        /** The name of the mean loss among the values. */
        String LOSS = "loss";

        /** The number of the epoch, from 0. */
        int epoch();

        /** The number of epochs. */
        int epochs();

        /** The learning rate of the last update. */
        double learningRate();

        /** The mean loss over the samples of the epoch so far that count, each batch before its update. */
        double loss();

        /** The results of the evaluation, by name; empty without one. */
        Map<String, Double> metrics();

        /** The metrics, and the mean loss as {@value #LOSS} unless a metric has that name. */
        default Map<String, Double> values() {
            Map<String, Double> all = new LinkedHashMap<>();
            all.put(LOSS, loss());
            all.putAll(metrics());
            return all;
        }
    }

    /**
     * One epoch.
     *
     * @param epoch its number, from 0
     * @param epochs the number of epochs
     * @param learningRate its learning rate
     * @param loss the mean loss over the samples that count, each batch before its update
     * @param metrics the results of the evaluation after it, by name; empty without one
     * @param seconds how long it took, with the evaluations within it but without the one after it
     */
    record Epoch(int epoch, int epochs, double learningRate, double loss, Map<String, Double> metrics, double seconds)
            implements Report {
        /** Checks that there are metrics, if none then an empty map. */
        public Epoch {
            Given.require("Epoch", "the metrics", metrics);
        }

        /** A line for people, who count from 1: {@code epoch 1/3: lr 0.01, mean loss 0.2461, accuracy 0.9745, 4.2 s}. */
        @Override
        public String toString() {
            return line(this, "") + String.format(Locale.ROOT, ", %.1f s", seconds);
        }
    }

    /**
     * An evaluation within an epoch.
     *
     * @param epoch the number of the epoch, from 0
     * @param epochs the number of epochs
     * @param steps the number of updates of the whole training
     * @param learningRate the learning rate of the last one
     * @param loss the mean loss over the samples of the epoch so far that count
     * @param metrics the results by name
     */
    record Evaluated(int epoch, int epochs, long steps, double learningRate, double loss, Map<String, Double> metrics)
            implements Report {
        /** Checks that there are metrics. */
        public Evaluated {
            Given.require("Evaluated", "the metrics", metrics);
        }

        /** A line for people, who count from 1: {@code epoch 1/3, step 500: lr 0.01, mean loss 0.2461, test.accuracy 0.9745}. */
        @Override
        public String toString() {
            return line(this, ", step " + steps);
        }
    }

    private static String line(Report report, String when) {
        StringBuilder out = new StringBuilder(String.format(
                Locale.ROOT,
                "epoch %d/%d%s: lr %s, mean loss %s",
                report.epoch() + 1,
                report.epochs(),
                when,
                Lines.rate(report.learningRate()),
                Lines.number(report.loss())));
        report.metrics().forEach((name, value) -> out.append(", " + name + " " + Lines.number(value)));
        return out.toString();
    }
}
