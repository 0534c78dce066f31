package dev.fluxion.reports;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.dsl.train.TrainingListener;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes event files that TensorBoard shows: {@code trainer.listen(TensorBoard.in(Path.of("logs/first"))).fit(model, train)}, then
 * {@code tensorboard --logdir logs}. There are the loss and the learning rate of each step, the values of evaluations, histograms of the
 * weights and of the gradients of the first batch after each epoch, the first samples if they are pictures, the graph of the model,
 * and the hyperparameters.
 *
 * <p>A folder that has event files is refused before the first step, unless the training goes on from a checkpoint: then a new file
 * goes on there, and TensorBoard leaves out what earlier files have after it. A file that cannot be written ends the training with a
 * {@link dev.fluxion.dsl.train.ListenerException}, which names it.
 */
public final class TensorBoard implements TrainingListener {
    private static final int MOST_PICTURES = 8;
    private static final String EVENTS = "events.out.tfevents.";

    private final Path folder;
    private final int every;
    private final boolean histograms;
    private @Nullable EventFile file;
    private @Nullable Weights weights;

    private interface Writing {
        void to(EventFile file) throws IOException;
    }

    private TensorBoard(Path folder, int every, boolean histograms) {
        this.folder = folder;
        this.every = every;
        this.histograms = histograms;
    }

    /** Writes to a folder, which is made if it does not exist. */
    public static TensorBoard in(Path folder) {
        return new TensorBoard(Given.require("in", "the folder", folder), 1, true);
    }

    /** This with the loss and learning rate of only one step of so many. */
    public TensorBoard every(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException(Errors.every(steps));
        }
        return new TensorBoard(folder, steps, histograms);
    }

    /** This with or without histograms, for which gradients are computed once more after each epoch, with a copy of the model. */
    public TensorBoard histograms(boolean wanted) {
        return new TensorBoard(folder, every, wanted);
    }

    @Override
    public boolean keepsRecord() {
        return true;
    }

    private static double now() {
        return System.currentTimeMillis() / 1e3;
    }

    private void write(Writing what) {
        if (file != null) {
            try {
                what.to(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e.getMessage(), e);
            }
        }
    }

    @Override
    public void begun(Begun begun) {
        try {
            if (!begun.goesOn() && hasEvents()) {
                throw new IllegalArgumentException(Errors.eventsExist(folder));
            }
            String name = String.format(Locale.ROOT, "%s%d.fluxion.%d", EVENTS, (long) now(), System.nanoTime());
            file = EventFile.create(folder.resolve(name), TensorBoard::now);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        write(events -> {
            events.value(begun.steps(), Summaries.sessionStart(hyperparameters(begun), now()));
            if (begun.goesOn()) {
                events.goesOn(begun.steps() + 1);
            } else {
                events.graph(GraphNodes.of(begun.model().graph(1)));
                pictures(events, RunRecorder.first(begun.data()));
            }
            events.flush();
        });
        weights = histograms ? Weights.of(begun) : null;
    }

    private boolean hasEvents() throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(one -> one.getFileName().toString().startsWith(EVENTS));
        }
    }

    private static Map<String, Object> hyperparameters(Begun begun) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("learning rate", begun.trainer().optimizer().learningRate());
        all.put("batch", begun.data().batch());
        all.put("epochs", begun.trainer().limits().epochs());
        begun.setting().forEach((name, text) -> {
            if (name.startsWith(Run.CONFIGURATION)) {
                all.put(name.substring(Run.CONFIGURATION.length()), text);
            }
        });
        return all;
    }

    private static void pictures(EventFile events, Batch batch) throws IOException {
        if (batch.allInputs().all().size() != 1
                || batch.inputs().dtype() != DType.FLOAT
                || !Picture.isPicture(batch.inputs().shape())) {
            return;
        }
        for (int i = 0; i < Math.min(MOST_PICTURES, batch.size()); i++) {
            float[] sample = batch.inputs().rows(i, i + 1).floats();
            Picture picture = Picture.of(batch.inputs().shape(), sample).orElseThrow();
            events.value(0, Summaries.image("samples/" + i, picture));
        }
    }

    @Override
    public void iteration(Iteration iteration, Training training) {
        long step = training.steps();
        if (step % every == 0) {
            write(events -> {
                events.value(step, Summaries.scalar("training/loss", iteration.loss()));
                events.value(step, Summaries.scalar("training/learning rate", iteration.learningRate()));
            });
        }
    }

    @Override
    public void evaluated(Evaluated evaluated) {
        values(evaluated, evaluated.steps());
    }

    @Override
    public void epoch(Epoch epoch, Training training) {
        long step = training.steps();
        write(events -> events.value(step, Summaries.scalar("training/epoch loss", epoch.loss())));
        values(epoch, step);
        if (weights != null) {
            Map<String, Tensor> values = weights.values();
            histograms("weights", values, step);
            histograms("gradients", weights.gradients(values), step);
        }
    }

    private void values(Report report, long step) {
        write(events -> {
            for (Map.Entry<String, Double> metric : report.metrics().entrySet()) {
                events.value(step, Summaries.scalar(tag(metric.getKey()), metric.getValue()));
            }
            events.flush();
        });
    }

    /** The name of a metric, with that of its data as a group: {@code test/accuracy}. */
    private static String tag(String metric) {
        return metric.contains(".") ? metric.replaceFirst("\\.", "/") : "evaluation/" + metric;
    }

    private void histograms(String group, Map<String, Tensor> tensors, long step) {
        write(events -> {
            for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
                events.value(
                        step,
                        Summaries.histogram(
                                group + "/" + tensor.getKey(), tensor.getValue().floats()));
            }
            events.flush();
        });
    }

    @Override
    public void ended(Ended ended) {
        EventFile events = file;
        Weights last = weights;
        try (last;
                events) {
            write(to -> to.value(0, Summaries.sessionEnd(ended.outcome() != null, now())));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        } finally {
            weights = null;
            file = null;
        }
    }
}
