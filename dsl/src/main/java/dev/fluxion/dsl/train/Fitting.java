package dev.fluxion.dsl.train;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.train.Outcome.End;
import dev.fluxion.dsl.train.TrainingListener.Begun;
import dev.fluxion.dsl.train.TrainingListener.Epoch;
import dev.fluxion.dsl.train.TrainingListener.Evaluated;
import dev.fluxion.dsl.train.TrainingListener.Iteration;
import dev.fluxion.dsl.train.TrainingListener.Report;
import dev.fluxion.dsl.train.TrainingState.Progress;
import dev.fluxion.dsl.watch.RunLint;
import dev.fluxion.ir.ValueException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A trainer at work: one call of {@link Trainer#fit}. */
final class Fitting {
    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

    private final Trainer how;
    private final Model model;
    private final DataLoader data;
    private final Training training;
    private final RunLint lint;
    private final Interrupts interrupts;
    private final @Nullable Shutdown shutdown;
    private final long begun = System.nanoTime();
    private final LearningRate rate;
    private final Audience audience;
    private final List<Report> reports = new ArrayList<>();
    private Map<String, Tensor> bestWeights = Map.of();
    private boolean noBetter;
    private @Nullable End end;

    private Fitting(
            Trainer how,
            Model model,
            DataLoader data,
            Training training,
            RunLint lint,
            Interrupts interrupts,
            @Nullable Shutdown shutdown) {
        this.how = how;
        this.model = model;
        this.data = data;
        this.training = training;
        this.lint = lint;
        this.interrupts = interrupts;
        this.shutdown = shutdown;
        this.audience = new Audience(how.listeners());
        this.rate = new LearningRate(
                how.schedule(), how.optimizer().learningRate(), how.limits().epochs());
    }

    static Outcome run(Trainer asked, Model model, DataLoader all) {
        Trial trial = asked.limits().trial();
        Trainer how = trial.of(asked, all);
        DataLoader data = trial.of(all);
        try (Interrupts interrupts = new Interrupts();
                Training training = how.trained()
                        .apply(model.training(how.loss(), how.optimizer()))
                        .lint(how.lint());
                RunLint lint = lint(how, data, training);
                Shutdown shutdown = how.checkpoints() == null ? null : new Shutdown()) {
            return new Fitting(how, model, data, training, lint, interrupts, shutdown).run();
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private static RunLint lint(Trainer how, DataLoader data, Training training) {
        return new RunLint(
                training.findings(), data, new Linted(training), how.optimizer().learningRate());
    }

    private Outcome run() throws IOException {
        begin();
        lint.begin(how.limits().epochs(), how.evaluations().data());
        requireMetrics(tryEvaluation());
        Begun begun = new Begun(how, model, data, training.steps(), training.progress());
        return audience.attend(begun, this::train);
    }

    private Outcome train() throws IOException {
        int epochs = how.limits().epochs();
        for (int epoch = training.progress().epoch(); epoch < epochs && !ended(); epoch++) {
            rate.epoch(training, epoch);
            epoch(epoch);
        }
        return end();
    }

    private void requireMetrics(Set<String> names) {
        if (how.stopping() != null) {
            how.stopping().best().requireIn(names);
        }
        if (how.checkpoints() != null && how.checkpoints().best() != null) {
            how.checkpoints().best().requireIn(names);
        }
    }

    private void begin() throws IOException {
        Checkpoint start = how.start();
        int from = how.from();
        if (how.checkpoints() != null) {
            how.checkpoints().begin();
            Checkpoint last =
                    how.checkpoints().resumes() ? how.checkpoints().last().orElse(null) : null;
            start = last == null ? start : last;
            from = last == null ? from : last.state().progress().epoch();
        }
        if (start != null) {
            Setting.requireSameData(start, data);
            training.restore(start);
            reports.addAll(start.reports());
            Outcome.epochs(reports).forEach(rate::after);
            noBetter = stops();
            bestWeights = start.best();
        }
        if (training.progress().epoch() != from) {
            training.progress(Progress.at(from));
        }
    }

    /**
     * Evaluates one batch, so that data that do not fit the model are found before training; gives the names of the values.
     * Compiles the training first, because the first program decides the layout of the parameters.
     */
    private Set<String> tryEvaluation() throws IOException {
        Evaluations what = how.evaluations();
        if (what.averaged() && !training.keepsAverages()) {
            throw new IllegalArgumentException(Errors.averagesWanted(how.optimizer()));
        }
        if (what.every() > 0 && what.sets().isEmpty()) {
            throw new IllegalArgumentException(Errors.nothingToEvaluate(what.every()));
        }
        if (!what.sets().isEmpty()) {
            training.program(data.dataset().first(firstBatch(data)));
        }
        return values(what.firstBatches()).keySet();
    }

    private static int firstBatch(DataLoader data) {
        return Math.min(data.batch(), data.dataset().size());
    }

    /** Trains the rest of an epoch and evaluates, unless it has to end before. */
    private void epoch(int epoch) throws IOException {
        EpochEvent event = EpochEvent.begun();
        long started = System.nanoTime();
        int iteration = Math.min(training.progress().batches(), data.batches());
        Iterator<Batch> batches = data.epoch(epoch, iteration).iterator();
        while (batches.hasNext()) {
            Batch batch = interrupts.attempt(batches::next);
            if (ended() || batch == null) {
                return;
            }
            step(epoch, iteration, batch);
            iteration++;
        }
        double mean = training.progress().meanLoss();
        double seconds = (System.nanoTime() - started) / 1e9;
        lint.epoch();
        training.progress(Progress.at(epoch + 1));
        Epoch report = new Epoch(epoch, how.limits().epochs(), training.learningRate(), mean, evaluate(), seconds);
        if (event != null) {
            event.end(epoch, training.steps(), mean);
        }
        note(report);
        rate.after(report);
        tell(report, listener -> listener.epoch(report, training));
        save();
    }

    private void step(int epoch, int iteration, Batch batch) throws IOException {
        rate.step(training, epoch);
        long before = training.steps();
        StepEvent event = StepEvent.begun();
        float value = linted(batch);
        if (event != null) {
            event.end(epoch, iteration, batch.size(), training.learningRate(), value);
        }
        Objective what = training.objective();
        training.progress(training.progress().next(what.samples(batch), what.sum(value, batch)));
        boolean updated = training.steps() > before;
        Evaluated within =
                updated && iteration + 1 < data.batches() && how.evaluations().due(training.steps())
                        ? within(epoch)
                        : null;
        Iteration report =
                new Iteration(epoch, how.limits().epochs(), iteration, data.batches(), training.learningRate(), value);
        tell(listener -> listener.iteration(report, training), report);
        if (within != null) {
            tell(within, listener -> listener.evaluated(within));
        }
        if (updated && how.checkpoints() != null && how.checkpoints().due(training.steps())) {
            save();
        }
    }

    private float linted(Batch batch) {
        lint.before(batch);
        boolean fresh = training.steps() == 0;
        try {
            float value = how.learn(training, batch);
            lint.after(batch, value, training.learningRate(), fresh);
            return value;
        } catch (ValueException e) {
            lint.failed(training.learningRate());
            throw e;
        }
    }

    /** Evaluates within an epoch. A listener that throws finds it noted. */
    private Evaluated within(int epoch) throws IOException {
        Evaluated report = new Evaluated(
                epoch,
                how.limits().epochs(),
                training.steps(),
                training.learningRate(),
                training.progress().meanLoss(),
                evaluate());
        note(report);
        return report;
    }

    /** The values of the evaluation, of the weights or of their averages, which leaves the weights as they are. */
    private Map<String, Double> evaluate() throws IOException {
        if (!averages() || how.evaluations().sets().isEmpty()) {
            return values(how.evaluations());
        }
        Map<String, Tensor> own = model.parameters().values();
        model.parameters().setWithNaN(training.averages());
        try {
            return values(how.evaluations());
        } finally {
            model.parameters().setWithNaN(own);
        }
    }

    private Map<String, Double> values(Evaluations what) throws IOException {
        return interrupts.again(() -> training.findings().during(() -> what.of(model)));
    }

    private boolean stops() {
        return how.stopping() != null && how.stopping().stops(reports);
    }

    /** Whether there are averages that are evaluated in place of the weights. */
    private boolean averages() {
        return how.evaluations().averaged() && training.steps() > 0;
    }

    /** Notes a report, and keeps the weights that it is of if it is the best so far. */
    private void note(Report report) {
        reports.add(report);
        noBetter = stops();
        if (how.stopping() != null
                && how.stopping().restoresBest()
                && how.stopping().best().of(reports) == reports.size() - 1) {
            bestWeights = averages() ? training.averages() : model.parameters().values();
        }
    }

    /** Tells the listeners of a report; writes a checkpoint if it is the best so far. */
    private void tell(Report report, Consumer<TrainingListener> event) throws IOException {
        tell(event, (Object) report);
        if (how.checkpoints() != null) {
            write(how.checkpoints()::writeIfBest);
        }
    }

    /** Calls the listeners; if one throws, what was trained is saved first. */
    private void tell(Consumer<TrainingListener> event, Object report) throws IOException {
        interrupts.any();
        try {
            audience.tell(report, event);
        } catch (ListenerException thrown) {
            try {
                save();
            } catch (IOException | RuntimeException unsaved) {
                thrown.addSuppressed(unsaved);
            }
            throw thrown;
        }
    }

    /** Whether it has to end before the next step. */
    private boolean ended() {
        if (shutdown != null && shutdown.begun()) {
            end = End.SHUTDOWN;
        } else if (training.stopRequest() != null) {
            end = End.ASKED;
        } else if (interrupts.any()) {
            end = End.INTERRUPTED;
        } else if (training.steps() >= how.limits().steps()) {
            end = End.STEPS;
        } else if (System.nanoTime() - begun >= nanos()) {
            end = End.TIME;
        } else if (noBetter) {
            end = End.NO_BETTER;
        }
        return end != null;
    }

    private long nanos() {
        return how.limits().time().toSeconds() > Long.MAX_VALUE / 2_000_000_000L
                ? Long.MAX_VALUE
                : how.limits().time().toNanos();
    }

    private Outcome end() throws IOException {
        if (!ended()) {
            end = End.EPOCHS;
        }
        lint.epoch();
        save();
        int best = rule() == null ? -1 : rule().of(reports);
        Report bestReport = best < 0 ? null : reports.get(best);
        if (end != End.SHUTDOWN) {
            leave(bestReport);
        }
        String asked = training.stopRequest();
        return new Outcome(
                reports, bestReport, end == null ? End.EPOCHS : end, asked == null ? "" : asked, training.steps());
    }

    /** Leaves the weights in the model that it is to have. */
    private void leave(@Nullable Report best) {
        if (!bestWeights.isEmpty() && best != null) {
            model.parameters().load(bestWeights);
            LOG.info(Errors.bestRestored(best));
        } else if (averages()) {
            model.parameters().setWithNaN(training.averages());
        }
    }

    private @Nullable Best rule() {
        if (how.stopping() != null) {
            return how.stopping().best();
        }
        return how.checkpoints() == null ? null : how.checkpoints().best();
    }

    private void save() throws IOException {
        if (how.checkpoints() != null) {
            write(how.checkpoints()::write);
        }
    }

    private interface Writing {
        void of(Checkpoint checkpoint) throws IOException;
    }

    private void write(Writing writing) throws IOException {
        Checkpoint checkpoint = checkpoint();
        interrupts.again(() -> {
            writing.of(checkpoint);
            return checkpoint;
        });
    }

    private Checkpoint checkpoint() {
        return training.checkpoint().with(reports, bestWeights, Setting.of(how, model, data));
    }
}
