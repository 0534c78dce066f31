package dev.fluxion.dsl.train;

import dev.fluxion.dsl.train.TrainingState.Progress;
import dev.fluxion.io.AppendedFile;
import dev.fluxion.io.Csv;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes a CSV file (RFC 4180) while a model trains: {@code trainer.listen(CsvLog.epochs(Path.of("epochs.csv")))}. Epochs, iterations
 * and steps are counted from 1. At any moment the file ends with a whole row; rows of steps come in blocks, once a second.
 *
 * <p>A file that exists is refused, before the first step, unless the training goes on from a checkpoint: then rows from after the
 * checkpoint are cut off and the others remain, so that the file is that of a training that never stopped. A file that cannot be
 * written ends the training with a {@link ListenerException}, which names it; a checkpoint is written before.
 */
public final class CsvLog implements TrainingListener {
    private static final long NANOS_BETWEEN = 1_000_000_000;
    private static final int MOST_PENDING = 1 << 16;
    private static final List<String> STEP = List.of("epoch", "iteration", "step", "learning_rate", "loss");
    private static final List<String> EPOCH = List.of("epoch", "step", "learning_rate", "loss", "seconds");

    private final Path path;
    private final boolean steps;
    private final LongSupplier nanos;
    private final StringBuilder pending = new StringBuilder();
    private @Nullable AppendedFile file;
    /** The first record; empty before it is known. */
    private List<String> columns = List.of();

    private long written;

    CsvLog(Path path, boolean steps, LongSupplier nanos) {
        this.path = Given.require("CsvLog", "the file", path);
        this.steps = steps;
        this.nanos = nanos;
    }

    /**
     * A row for each epoch and each evaluation within one, which has no seconds: {@code epoch,step,learning_rate,loss,seconds} and
     * a column for each metric. One of these names gets {@code evaluation.} before it.
     */
    public static CsvLog epochs(Path file) {
        return new CsvLog(file, false, System::nanoTime);
    }

    /** A row for each iteration: {@code epoch,iteration,step,learning_rate,loss}. */
    public static CsvLog steps(Path file) {
        return new CsvLog(file, true, System::nanoTime);
    }

    @Override
    public boolean keepsRecord() {
        return true;
    }

    @Override
    public void begun(Begun begun) {
        try {
            columns = List.of();
            pending.setLength(0);
            written = nanos.getAsLong();
            file = begun.goesOn() && Files.exists(path)
                    ? AppendedFile.goOn(path, keep(begun))
                    : AppendedFile.create(path);
        } catch (FileAlreadyExistsException e) {
            throw new UncheckedIOException(FileErrors.logExists(path), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /** The number of bytes of the rows up to where a training goes on. */
    private long keep(Begun begun) throws IOException {
        String text = Files.readString(path);
        List<List<String>> rows = Csv.rows(text);
        StringBuilder kept = new StringBuilder();
        for (List<String> row : rows) {
            if (columns.isEmpty()) {
                columns = row;
            } else if (!isBefore(row, begun)) {
                break;
            }
            kept.append(Csv.row(row));
        }
        if (!columns.isEmpty() && !columns.containsAll(steps ? STEP : EPOCH) || !text.startsWith(kept.toString())) {
            throw new IllegalArgumentException(FileErrors.noSuchLog(path, columns));
        }
        return kept.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private boolean isBefore(List<String> row, Begun begun) {
        Progress progress = begun.progress();
        try {
            int epoch = Integer.parseInt(row.get(0));
            if (epoch <= progress.epoch()) {
                return true;
            }
            return epoch == progress.epoch() + 1
                    && (steps
                            ? Integer.parseInt(row.get(1)) <= progress.batches()
                            : row.get(4).isEmpty() && Long.parseLong(row.get(1)) <= begun.steps());
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(FileErrors.noSuchLog(path, row), e);
        }
    }

    @Override
    public void iteration(Iteration iteration, Training training) {
        if (steps) {
            row(
                    STEP,
                    List.of(
                            Integer.toString(iteration.epoch() + 1),
                            Integer.toString(iteration.iteration() + 1),
                            Long.toString(training.steps()),
                            Double.toString(iteration.learningRate()),
                            Float.toString(iteration.loss())));
        }
    }

    @Override
    public void epoch(Epoch epoch, Training training) {
        report(epoch, training.steps(), Double.toString(epoch.seconds()));
    }

    @Override
    public void evaluated(Evaluated evaluated) {
        report(evaluated, evaluated.steps(), "");
    }

    private void report(Report report, long step, String seconds) {
        if (!steps) {
            List<String> names = new ArrayList<>(EPOCH);
            List<String> values = new ArrayList<>(List.of(
                    Integer.toString(report.epoch() + 1),
                    Long.toString(step),
                    Double.toString(report.learningRate()),
                    Double.toString(report.loss()),
                    seconds));
            report.metrics().forEach((name, value) -> {
                names.add(column(name));
                values.add(Double.toString(value));
            });
            row(names, values);
        }
        flush();
    }

    /** The name of the column of a metric, which is in one line. */
    public static String column(String metric) {
        String line = Given.require("column", "the metric", metric).replaceAll("[\\r\\n]+", " ");
        return EPOCH.contains(line) ? "evaluation." + line : line;
    }

    private void row(List<String> names, List<String> values) {
        if (columns.isEmpty()) {
            columns = names;
            pending.append(Csv.row(names));
        } else if (!columns.equals(names)) {
            throw new IllegalArgumentException(FileErrors.otherColumns(path, columns, names));
        }
        pending.append(Csv.row(values));
        if (nanos.getAsLong() - written >= NANOS_BETWEEN || pending.length() >= MOST_PENDING) {
            flush();
        }
    }

    private void flush() {
        if (file != null && !pending.isEmpty()) {
            try {
                file.append(pending.toString().getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e.getMessage(), e);
            }
            pending.setLength(0);
            written = nanos.getAsLong();
        }
    }

    @Override
    public void ended(Ended ended) {
        AppendedFile open = file;
        try (open) {
            flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        } finally {
            file = null;
        }
    }
}
