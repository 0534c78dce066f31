package dev.fluxion.reports;

import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.dsl.train.CsvLog;
import dev.fluxion.dsl.train.Outcome;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.dsl.train.TrainingListener;
import dev.fluxion.io.Csv;
import dev.fluxion.io.WholeFile;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the record of a training in a folder: {@code trainer.listen(RunRecorder.in(Path.of("runs/first"))).fit(model, train)}. There
 * are then {@code run.csv} with the configuration, the environment and the outcome, {@code epochs.csv} and {@code steps.csv} as
 * {@link CsvLog} writes them, {@code summary.txt} of the model, {@code explain.txt} of the program of a step and, for a classifier
 * that is evaluated, {@code confusion.csv} and {@code mistakes.csv} with pictures of the worst mistakes; and {@code report.html},
 * which shows all of it. {@link Run#read} reads the folder, also while the training runs.
 *
 * <p>A folder that has a run is refused before the first step, unless the training goes on from a checkpoint. A file that cannot be
 * written ends the training with a {@link dev.fluxion.dsl.train.ListenerException}, which names it.
 */
public final class RunRecorder implements TrainingListener {
    private final Place place;
    private final List<String> classes;
    private final int mistakes;
    private final Map<String, String> facts = new LinkedHashMap<>();
    private @Nullable Open open;
    private @Nullable Path latest;

    /** Where the folder is. */
    private interface Place {
        Path of(boolean goesOn) throws IOException;
    }

    /** What there is while a training runs. */
    private record Open(Path folder, Begun begun, List<CsvLog> logs) {}

    private RunRecorder(Place place, List<String> classes, int mistakes) {
        this.place = place;
        this.classes = classes;
        this.mistakes = mistakes;
    }

    /** Keeps the record in a folder, which is made if it does not exist. */
    public static RunRecorder in(Path folder) {
        Given.require("in", "the folder", folder);
        return new RunRecorder(goesOn -> folder, List.of(), 24);
    }

    /**
     * Keeps each record in a new folder with the next number: {@code numbered(Path.of("runs"), "mnist")} in {@code runs/mnist-1},
     * {@code runs/mnist-2}, …. A training that goes on from a checkpoint uses the last one.
     */
    public static RunRecorder numbered(Path runs, String name) {
        Given.require("numbered", "the folder", runs);
        Given.require("numbered", "the name", name);
        if (name.isBlank() || Path.of(name).getNameCount() != 1 || name.startsWith(".")) {
            throw new IllegalArgumentException(Errors.runName(name));
        }
        return new RunRecorder(goesOn -> numbered(runs, name, goesOn), List.of(), 24);
    }

    private static Path numbered(Path runs, String name, boolean goesOn) throws IOException {
        WholeFile.makeFolder(runs);
        int free = IntStream.iterate(1, i -> i + 1)
                .filter(i -> !Files.exists(runs.resolve(name + "-" + i)))
                .findFirst()
                .orElseThrow();
        return runs.resolve(name + "-" + (goesOn ? Math.max(1, free - 1) : free));
    }

    /** This recorder with names of the classes, for the confusion matrix and the mistakes; none for their numbers. */
    public RunRecorder classes(String... names) {
        return new RunRecorder(place, Given.all("classes", "a name", names), mistakes);
    }

    /** This recorder with another number of mistakes that it shows at most, 24 at first. */
    public RunRecorder mistakes(int most) {
        if (most < 0) {
            throw new IllegalArgumentException(Errors.mistakes(most));
        }
        return new RunRecorder(place, classes, most);
    }

    /**
     * The folder of the latest training, to put more into: {@code recorder.folder().resolve("model.fluxion")}.
     *
     * @throws IllegalStateException if no training has begun
     */
    public Path folder() {
        if (latest == null) {
            throw new IllegalStateException(Errors.noTraining());
        }
        return latest;
    }

    @Override
    public boolean keepsRecord() {
        return true;
    }

    @Override
    public void begun(Begun begun) {
        try {
            Path folder = place.of(begun.goesOn());
            latest = folder;
            if (!begun.goesOn() && Files.exists(folder.resolve(Run.FACTS))) {
                throw new IllegalArgumentException(Errors.runExists(folder));
            }
            Findings.requireClasses(begun, classes);
            List<CsvLog> logs =
                    List.of(CsvLog.steps(folder.resolve(Run.STEPS)), CsvLog.epochs(folder.resolve(Run.EPOCHS)));
            begin(logs, begun);
            open = new Open(folder, begun, logs);
            facts.clear();
            facts.put(
                    "started",
                    begun.goesOn() ? Run.started(folder) : Instant.now().toString());
            facts.put("status", "running");
            facts.put("parameters", Long.toString(begun.model().parameters().count()));
            facts.putAll(begun.setting());
            facts.put(
                    Run.CONFIGURATION + "epochs",
                    Integer.toString(begun.trainer().limits().epochs()));
            Written.text(folder.resolve(Run.FACTS), facts());
            Written.text(folder.resolve(Run.SUMMARY), begun.model().summary().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /** Opens all files or leaves none open. */
    private static void begin(List<CsvLog> logs, Begun begun) {
        try {
            logs.forEach(log -> log.begun(begun));
        } catch (RuntimeException e) {
            logs.forEach(log -> log.ended(new Ended(null, e)));
            throw e;
        }
    }

    private String facts() {
        StringBuilder text = new StringBuilder(Csv.row(List.of("name", "text")));
        facts.forEach((name, fact) -> text.append(Csv.row(List.of(name, fact))));
        return text.toString();
    }

    @Override
    public void iteration(Iteration iteration, Training training) {
        if (open != null) {
            open.logs.forEach(log -> log.iteration(iteration, training));
            Path explain = open.folder.resolve(Run.EXPLAIN);
            if (!facts.containsKey("explained")) {
                facts.put("explained", "true");
                Written.text(
                        explain,
                        training.program(first(open.begun.data())).explain().toString());
            }
        }
    }

    /** The first batch of the first epoch, as it is trained. */
    static Batch first(DataLoader data) {
        return data.prefetch(0).epoch(0).iterator().next();
    }

    @Override
    public void evaluated(Evaluated evaluated) {
        if (open != null) {
            open.logs.forEach(log -> log.evaluated(evaluated));
        }
    }

    @Override
    public void epoch(Epoch epoch, Training training) {
        if (open != null) {
            open.logs.forEach(log -> log.epoch(epoch, training));
        }
    }

    @Override
    public void ended(Ended ended) {
        Open last = open;
        open = null;
        if (last == null) {
            return;
        }
        last.logs.forEach(log -> log.ended(ended));
        Outcome outcome = ended.outcome();
        facts.put("ended", Instant.now().toString());
        facts.put("status", outcome == null ? "failed" : "ended");
        facts.put("outcome", outcome == null ? String.valueOf(ended.failure()) : outcome.toString());
        if (outcome != null && outcome.best() != null) {
            facts.put("best epoch", Integer.toString(outcome.best().epoch() + 1));
        }
        Written.text(last.folder.resolve(Run.FACTS), facts());
        if (outcome != null && outcome.end() != Outcome.End.SHUTDOWN) {
            Findings.of(last.begun, classes, mistakes).ifPresent(findings -> findings.write(last.folder));
        }
        try {
            HtmlReport.of(Run.read(last.folder)).save(last.folder.resolve(Run.REPORT));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
