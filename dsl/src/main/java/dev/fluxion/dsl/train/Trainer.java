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
import dev.fluxion.dsl.lint.Lint;
import dev.fluxion.ir.Given;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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
 * @param limits how long it trains at most
 * @param schedule the learning rate by epoch or step
 * @param evaluations what is evaluated, and when
 * @param listeners the listeners
 * @param lint what it is looked through for
 * @param trained restricts a training to some parameters
 * @param step what it does with a batch
 * @param start the checkpoint to continue from, or null for a fresh start
 * @param from the first epoch, counted from 0
 * @param checkpoints where it keeps checkpoints, or null
 * @param stopping when it ends because it gets no better, or null
 */
public record Trainer(
        MultiLoss loss,
        Optimizer optimizer,
        Limits limits,
        Schedule schedule,
        Evaluations evaluations,
        List<TrainingListener> listeners,
        Lint lint,
        UnaryOperator<Training> trained,
        TrainingStep step,
        @Nullable Checkpoint start,
        int from,
        @Nullable Checkpoints checkpoints,
        @Nullable EarlyStopping stopping) {
    private static final String TRAINER = "trainer";

    /**
     * How long a training lasts at most, and whether it is a trial.
     *
     * @param epochs the number of passes over the training data
     * @param steps the number of updates
     * @param time how long {@link #fit} trains, evaluations included
     * @param trial what a trial is for
     */
    public record Limits(int epochs, long steps, Duration time, Trial trial) {
        private static final Limits ONE_EPOCH =
                new Limits(1, Long.MAX_VALUE, Duration.ofSeconds(Long.MAX_VALUE), Trial.NONE);

        /** Checks that there is something to do. */
        public Limits {
            if (epochs < 1) {
                throw new IllegalArgumentException(Errors.epochs(epochs));
            }
            if (steps < 1) {
                throw new IllegalArgumentException(Errors.steps(steps));
            }
            Given.require(TRAINER, "the time", time);
            Given.require(TRAINER, "the trial", trial);
            if (time.isNegative() || time.isZero()) {
                throw new IllegalArgumentException(Errors.noTime(time));
            }
        }
    }

    /** Checks nulls and copies the list. */
    public Trainer {
        Given.require(TRAINER, "the loss", loss);
        Given.require(TRAINER, "the optimizer", optimizer);
        Given.require(TRAINER, "the limits", limits);
        Given.require(TRAINER, "the schedule", schedule);
        Given.require(TRAINER, "the lint", lint);
        Given.require(TRAINER, "the choice of what is trained", trained);
        Given.require(TRAINER, "the step", step);
        Given.require(TRAINER, "the evaluations", evaluations);
        listeners = Checks.present(TRAINER, "listener", listeners, listener -> "");
    }

    /** One epoch at the optimizer's own learning rate, without evaluation. */
    public static Trainer of(Loss loss, Optimizer optimizer) {
        return of((MultiLoss) loss, optimizer);
    }

    /** The same with a loss of several inputs: see {@link Model#training(MultiLoss, Optimizer)}. */
    public static Trainer of(MultiLoss loss, Optimizer optimizer) {
        return new Trainer(
                loss,
                optimizer,
                Limits.ONE_EPOCH,
                epoch -> 1,
                Evaluations.NONE,
                List.of(),
                Lint.all(),
                all -> all,
                Training::step,
                null,
                0,
                null,
                null);
    }

    /** This trainer with some of it changed. */
    Trainer with(Consumer<TrainerDraft> change) {
        TrainerDraft draft = new TrainerDraft(this);
        change.accept(draft);
        return draft.made();
    }

    /** This trainer with another number of epochs. */
    public Trainer epochs(int count) {
        return limits(new Limits(count, limits.steps(), limits.time(), limits.trial()));
    }

    /** This trainer, stopping after so many updates at the latest, counted from the start of the first training. */
    public Trainer steps(long most) {
        return limits(new Limits(limits.epochs(), most, limits.time(), limits.trial()));
    }

    /** This trainer, stopping at the first step that ends after so long. */
    public Trainer time(Duration most) {
        return limits(new Limits(limits.epochs(), limits.steps(), most, limits.trial()));
    }

    /**
     * This trainer for a rehearsal, which finds what is wrong with a program in seconds: an epoch of so many batches, and an
     * evaluation of as many, wherever it is to start. Nothing is written or read: there are no checkpoints, and listeners that keep
     * records do not listen. It does not stop early.
     *
     * @param batches how many batches, at least 1
     */
    public Trainer fastDevRun(int batches) {
        return trial(new Trial(Trial.Kind.FAST_DEV_RUN, batches));
    }

    /**
     * This trainer for data that are the first so many batches of the first epoch only, the same in each epoch and without
     * augmentations; they are evaluated, too, in place of other data. A network that can learn, with a fitting loss and learning
     * rate, soon makes no mistake on them. {@link #epochs(int)} and all else remain.
     *
     * @param batches how many batches, at least 1
     */
    public Trainer overfit(int batches) {
        return trial(new Trial(Trial.Kind.OVERFIT, batches));
    }

    private Trainer trial(Trial trial) {
        return limits(new Limits(limits.epochs(), limits.steps(), limits.time(), trial));
    }

    private Trainer limits(Limits most) {
        return with(draft -> draft.limits = most);
    }

    /**
     * This trainer with a schedule: the learning rate of each epoch, or each step, is multiplied by a factor. Schedules count
     * from 0, progress lines and messages from 1.
     */
    public Trainer schedule(Schedule byEpoch) {
        return with(draft -> draft.schedule = byEpoch);
    }

    /**
     * This trainer, evaluating after each epoch. It also evaluates one batch before training, so that data that do
     * not fit are found at once. It replaces earlier data without a name.
     */
    public Trainer evaluate(DataLoader data, Metric... what) {
        return evaluations(evaluations.with(new EvaluationSet("", data, Checks.list(what))));
    }

    /**
     * This trainer, evaluating on several data, each with a name that stands before those of its metrics: {@code
     * evaluate("validation", loader, accuracy())} makes {@code validation.accuracy}. It replaces earlier data of this name.
     */
    public Trainer evaluate(String name, DataLoader data, Metric... what) {
        Given.require("evaluate", "the name of the data", name);
        if (name.isBlank()) {
            throw new IllegalArgumentException(Errors.blankEvaluation());
        }
        return evaluations(evaluations.with(new EvaluationSet(name, data, Checks.list(what))));
    }

    /**
     * This trainer, evaluating after every so many updates of all, too. Early stopping and the best checkpoint then count and
     * compare all evaluations, those after epochs and those within them.
     */
    public Trainer evaluateEvery(int steps) {
        Numbers.requireAtLeast(TRAINER, "evaluateEvery", 1, steps);
        return evaluations(new Evaluations(evaluations.sets(), steps, evaluations.averaged()));
    }

    /**
     * This trainer, evaluating the averages of the weights that {@link Optimizer#average} keeps; the training itself goes on
     * with the weights. The model has the averages in the end, or those of the best evaluation with early stopping. {@link
     * Checkpoint#averages()} are those of a checkpoint.
     */
    public Trainer evaluateAverages() {
        return evaluations(new Evaluations(evaluations.sets(), evaluations.every(), true));
    }

    private Trainer evaluations(Evaluations what) {
        return with(draft -> draft.evaluations = what);
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
        return with(draft -> draft.trained = what);
    }

    /**
     * This trainer with a step of your own, for each batch, while schedules, listeners, metrics, checkpoints and limits stay:
     *
     * <pre>{@code
     * trainer.step((training, batch) -> {
     *     float loss = training.forward(batch);
     *     training.backward();
     *     gradients.add(training.gradient("7.weight"));
     *     training.update();
     *     training.zeroGrad();
     *     return loss;
     * })
     * }</pre>
     *
     * <p>A step that does not update counts as a part of the next one that does.
     */
    public Trainer step(TrainingStep own) {
        return with(draft -> draft.step = own);
    }

    /** Takes the step of a batch. */
    float learn(Training training, Batch batch) {
        float loss = step.apply(training, batch);
        if (!Float.isFinite(loss)) {
            throw new IllegalStateException(Errors.stepWithoutLoss(loss));
        }
        return loss;
    }

    /**
     * This trainer, continuing from a checkpoint, also in the middle of an epoch: the result is bit for bit that of a
     * training that never stopped. {@link #epochs(int)} still counts from the start of the first training.
     */
    public Trainer resume(Checkpoint checkpoint) {
        Given.require("resume", "the checkpoint", checkpoint);
        int epoch = checkpoint.state().progress().epoch();
        return with(draft -> {
            draft.start = checkpoint;
            draft.from = epoch;
        });
    }

    /**
     * This trainer, starting at a later epoch, with its schedule and shuffling. Epochs are counted from 0:
     * {@code epochs(10).from(3)} skips three.
     */
    public Trainer from(int epoch) {
        Numbers.requireAtLeast(TRAINER, "from", 0, epoch);
        return with(draft -> draft.from = epoch);
    }

    /** This trainer with one more listener. */
    public Trainer listen(TrainingListener listener) {
        List<TrainingListener> more = new ArrayList<>(listeners);
        more.add(listener);
        return with(draft -> draft.listeners = more);
    }

    /**
     * This trainer with another lint: what is looked for in the model, the data and the first steps that is often wrong, and what
     * becomes of findings, which at first are warnings in the log. It changes no bit of the training.
     */
    public Trainer lint(Lint what) {
        return with(draft -> draft.lint = what);
    }

    /**
     * This trainer, writing checkpoints: after each epoch, when it ends, and as they say. When the JVM is asked to shut
     * down, as with Ctrl-C, it stops after the step, writes one and lets the JVM go on.
     */
    public Trainer checkpoints(Checkpoints where) {
        Given.require("checkpoints", "the checkpoints", where);
        return with(draft -> draft.checkpoints = where);
    }

    /** This trainer, ending when it gets no better. */
    public Trainer stop(EarlyStopping when) {
        Given.require("stop", "when to stop", when);
        return with(draft -> draft.stopping = when);
    }

    /**
     * Trains a model. Of earlier trainings only the weights remain; to continue one, see {@link #resume} and {@link
     * Checkpoints#resume}. Interrupted, it ends after the step, writes its last checkpoint if there are any, and leaves the thread
     * interrupted.
     *
     * @return a report of each epoch, the best one, and why it ended
     * @throws IllegalArgumentException if the model or the data are null, a part to train has no parameters in the
     *     model, the schedule gives a factor that is negative or not finite, the evaluation's data or metrics do not fit
     *     the model, or a checkpoint does not fit the model, the optimizer or the data
     * @throws dev.fluxion.ir.ValueException if an input, the loss or a gradient is not finite; the message has the
     *     step, and the parameters are as before it
     * @throws dev.fluxion.dsl.lint.LintException if something is found where that is an error
     * @throws ListenerException if a listener throws something; the weights are those of the step before
     * @throws java.io.UncheckedIOException if a checkpoint cannot be read or written
     */
    public Outcome fit(Model model, DataLoader data) {
        Given.require("fit", "the model", model);
        Given.require("fit", "the data", data);
        return Fitting.run(this, model, data);
    }
}
