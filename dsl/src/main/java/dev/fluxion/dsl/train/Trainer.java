package dev.fluxion.dsl.train;

import dev.fluxion.Loss;
import dev.fluxion.Metric;
import dev.fluxion.MultiLoss;
import dev.fluxion.Optimizer;
import dev.fluxion.Schedule;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.ParameterFilter;
import dev.fluxion.ir.Given;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The common case of training: {@code Trainer.of(crossEntropy(), sgd(0.01).momentum(0.9)).epochs(3).evaluate(test,
 * accuracy()).fit(model, train)}. It runs forward, backward and update for each batch, and the evaluation after each
 * epoch.
 *
 * @param loss the loss to minimise
 * @param optimizer the optimizer
 * @param epochs the number of passes over the training data
 * @param schedule the learning rate by epoch or step
 * @param evaluation the data to evaluate on after each epoch, or null
 * @param metrics the metrics of the evaluation
 * @param listeners the listeners
 * @param trained restricts a training to some parameters
 * @param start the state to continue from, or null for a fresh one
 * @param from the first epoch, counted from 0
 */
public record Trainer(
        MultiLoss loss,
        Optimizer optimizer,
        int epochs,
        Schedule schedule,
        @Nullable DataLoader evaluation,
        List<Metric> metrics,
        List<TrainingListener> listeners,
        UnaryOperator<Training> trained,
        @Nullable TrainingState start,
        int from) {
    private static final String TRAINER = "trainer";

    /** Checks the number of epochs, nulls, and that the names of metrics differ; copies the lists. */
    public Trainer {
        if (epochs < 1) {
            throw new IllegalArgumentException(Errors.epochs(epochs));
        }
        Given.require(TRAINER, "the loss", loss);
        Given.require(TRAINER, "the optimizer", optimizer);
        Given.require(TRAINER, "the schedule", schedule);
        Given.require(TRAINER, "the choice of what is trained", trained);
        metrics = Metrics.requireDifferent(TRAINER, metrics);
        listeners = Checks.present(TRAINER, "listener", listeners, listener -> "");
    }

    /** One epoch at the optimizer's own learning rate, without evaluation. */
    public static Trainer of(Loss loss, Optimizer optimizer) {
        return of((MultiLoss) loss, optimizer);
    }

    /** The same with a loss of several inputs: see {@link Model#training(MultiLoss, Optimizer)}. */
    public static Trainer of(MultiLoss loss, Optimizer optimizer) {
        return new Trainer(loss, optimizer, 1, epoch -> 1, null, List.of(), List.of(), all -> all, null, 0);
    }

    /** This trainer with another number of epochs. */
    public Trainer epochs(int count) {
        return new Trainer(loss, optimizer, count, schedule, evaluation, metrics, listeners, trained, start, from);
    }

    /**
     * This trainer with a schedule: the learning rate of each epoch, or each step, is multiplied by a factor. Schedules count
     * from 0, progress lines and messages from 1.
     */
    public Trainer schedule(Schedule byEpoch) {
        return new Trainer(loss, optimizer, epochs, byEpoch, evaluation, metrics, listeners, trained, start, from);
    }

    /**
     * This trainer, evaluating after each epoch. It also evaluates one batch before training, so that data that do
     * not fit are found at once.
     */
    public Trainer evaluate(DataLoader data, Metric... what) {
        Given.require("evaluate", "the data", data);
        return new Trainer(loss, optimizer, epochs, schedule, data, Checks.list(what), listeners, trained, start, from);
    }

    /**
     * This trainer with all but some parts of the model frozen: {@code only("7", "head")}, by the paths of layers or
     * names of parameters. It replaces an earlier choice; see {@link Training#only(String...)}.
     */
    public Trainer only(String... parts) {
        String[] own = ParameterFilter.parts(parts);
        return trained(training -> training.only(own));
    }

    /**
     * This trainer for only the parameters whose names satisfy a condition:
     * {@code only(name -> name.endsWith("bias"))}.
     */
    public Trainer only(Predicate<String> names) {
        ParameterFilter.given(names);
        return trained(training -> training.only(names));
    }

    private Trainer trained(UnaryOperator<Training> what) {
        return new Trainer(loss, optimizer, epochs, schedule, evaluation, metrics, listeners, what, start, from);
    }

    /**
     * This trainer, continuing from a state, also in the middle of an epoch. With the weights of the same moment, the
     * result is bit for bit that of a training that never stopped. {@link #epochs(int)} still counts from the start
     * of the first training.
     */
    public Trainer resume(TrainingState state) {
        Given.require("resume", "the state", state);
        int epoch = state.progress().epoch();
        return new Trainer(loss, optimizer, epochs, schedule, evaluation, metrics, listeners, trained, state, epoch);
    }

    /**
     * This trainer, starting at a later epoch, with its schedule and shuffling. Epochs are counted from 0:
     * {@code epochs(10).from(3)} skips three.
     */
    public Trainer from(int epoch) {
        Numbers.requireAtLeast(TRAINER, "from", 0, epoch);
        return new Trainer(loss, optimizer, epochs, schedule, evaluation, metrics, listeners, trained, start, epoch);
    }

    /** This trainer with one more listener. */
    public Trainer listen(TrainingListener listener) {
        List<TrainingListener> more = new ArrayList<>(listeners);
        more.add(listener);
        return new Trainer(loss, optimizer, epochs, schedule, evaluation, metrics, more, trained, start, from);
    }

    /**
     * Trains a model. Of earlier trainings only the weights remain; to continue one, see {@link #resume}.
     *
     * @return a report of each epoch
     * @throws IllegalArgumentException if the model or the data are null, a part to train has no parameters in the
     *     model, the schedule gives a factor that is negative or not finite, or the evaluation's data or metrics do
     *     not fit the model
     * @throws dev.fluxion.ir.ValueException if an input, the loss or a gradient is not finite; the message has the
     *     step, and the parameters are as before it
     */
    public List<TrainingListener.Epoch> fit(Model model, DataLoader data) {
        Given.require("fit", "the model", model);
        Given.require("fit", "the data", data);
        try (Training training = trained.apply(model.training(loss, optimizer))) {
            if (start != null) {
                training.restore(start);
            }
            if (training.progress().epoch() != from) {
                training.progress(TrainingState.Progress.at(from));
            }
            tryEvaluation(model, training, data);
            return fit(model, training, data);
        }
    }

    private List<TrainingListener.Epoch> fit(Model model, Training training, DataLoader data) {
        List<TrainingListener.Epoch> history = new ArrayList<>();
        LearningRate rate = new LearningRate(schedule, optimizer.learningRate(), epochs);
        for (int epoch = from; epoch < epochs; epoch++) {
            rate.epoch(training, epoch);
            long started = System.nanoTime();
            double mean = epoch(training, data, epoch, rate);
            double seconds = (System.nanoTime() - started) / 1e9;
            Map<String, Double> values =
                    evaluation == null ? Map.of() : model.evaluate(evaluation, metrics.toArray(Metric[]::new));
            TrainingListener.Epoch report =
                    new TrainingListener.Epoch(epoch, epochs, training.learningRate(), mean, values, seconds);
            history.add(report);
            rate.after(report);
            listeners.forEach(l -> l.epoch(report, training));
        }
        return history;
    }

    /**
     * Evaluates one batch, so that data that do not fit the model are found before training. Compiles the training
     * first, because the first program decides the layout of the parameters.
     */
    private void tryEvaluation(Model model, Training training, DataLoader data) {
        if (evaluation != null) {
            training.program(data.dataset().first(firstBatch(data)));
            int size = firstBatch(evaluation);
            DataLoader first = DataLoader.of(evaluation.dataset().take(size)).batch(size);
            model.evaluate(first, metrics.toArray(Metric[]::new));
        }
    }

    private static int firstBatch(DataLoader data) {
        return Math.min(data.batch(), data.dataset().size());
    }

    /** Trains the rest of an epoch; returns the mean loss of all its samples. */
    private double epoch(Training training, DataLoader data, int epoch, LearningRate rate) {
        Objective what = training.objective();
        int iterations = data.batches();
        int done = training.progress().batches();
        int iteration = 0;
        for (Batch batch : data.epoch(epoch)) {
            if (iteration >= done) {
                rate.step(training, epoch);
                float value = training.step(batch);
                training.progress(training.progress().next(what.samples(batch), what.sum(value, batch)));
                TrainingListener.Iteration report = new TrainingListener.Iteration(
                        epoch, epochs, iteration, iterations, training.learningRate(), value);
                listeners.forEach(l -> l.iteration(report, training));
            }
            iteration++;
        }
        double mean = training.progress().meanLoss();
        training.progress(TrainingState.Progress.at(epoch + 1));
        return mean;
    }
}
