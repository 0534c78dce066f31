package dev.fluxion.dsl.train;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.TrainingListener.Epoch;
import dev.fluxion.dsl.train.TrainingListener.Evaluated;
import dev.fluxion.dsl.train.TrainingListener.Report;
import dev.fluxion.dsl.train.TrainingState.Progress;
import dev.fluxion.io.SafeTensors;
import dev.fluxion.ir.Legible;
import dev.fluxion.ir.Slot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A checkpoint as a safetensors file. A tensor's name has its owner in front: {@code weights.0.bias}, {@code best.0.bias},
 * {@code optimizer.exp_avg.0.bias}, {@code training.gradient.0.bias}. Numbers and texts are in the metadata.
 */
final class CheckpointFile {
    private static final String PREFIX = "fluxion.";
    private static final String VERSION = PREFIX + "checkpoint";
    /** Files of a later version are refused. */
    private static final int NEWEST = 1;

    private static final String TRAINING = PREFIX + "training.";
    private static final String NUMBER = TRAINING + "number.";
    private static final String HISTORY = PREFIX + "history.";
    private static final String METRIC = "metric.";
    private static final String WEIGHTS = "weights.";
    private static final String BEST = "best.";
    /** What an evaluation within an epoch has and an epoch has not. */
    private static final String STEPS = "steps";

    private final Path file;
    private final Map<String, String> texts;

    private CheckpointFile(Path file, Map<String, String> texts) {
        this.file = file;
        this.texts = texts;
    }

    static void write(Path file, Checkpoint checkpoint) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        checkpoint.weights().forEach((name, value) -> tensors.put(WEIGHTS + name, value));
        checkpoint.best().forEach((name, value) -> tensors.put(BEST + name, value));
        TrainingState state = checkpoint.state();
        state.kept().forEach((slot, value) -> tensors.put(name(slot), value));
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put(VERSION, Integer.toString(NEWEST));
        texts.put(TRAINING + STEPS, Long.toString(state.steps()));
        texts.put(TRAINING + "seed", Long.toString(state.seed()));
        texts.put(TRAINING + "draws", Long.toString(state.draws()));
        texts.put(TRAINING + "learning_rate", Double.toString(state.learningRate()));
        texts.put(TRAINING + "epoch", Integer.toString(state.progress().epoch()));
        texts.put(TRAINING + "batches", Integer.toString(state.progress().batches()));
        texts.put(TRAINING + "samples", Double.toString(state.progress().samples()));
        texts.put(TRAINING + "loss", Double.toString(state.progress().loss()));
        texts.put(TRAINING + "collected", Integer.toString(state.collected()));
        state.numbers().forEach((name, number) -> texts.put(NUMBER + name, Double.toString(number)));
        for (int i = 0; i < checkpoint.reports().size(); i++) {
            put(texts, HISTORY + i + ".", checkpoint.reports().get(i));
        }
        checkpoint.texts().forEach((key, text) -> texts.put(PREFIX + key, text));
        SafeTensors.write(file, tensors, texts);
    }

    private static void put(Map<String, String> texts, String prefix, Report report) {
        texts.put(prefix + "epoch", Integer.toString(report.epoch()));
        texts.put(prefix + "epochs", Integer.toString(report.epochs()));
        texts.put(prefix + "learning_rate", Double.toString(report.learningRate()));
        texts.put(prefix + "loss", Double.toString(report.loss()));
        if (report instanceof Evaluated within) {
            texts.put(prefix + STEPS, Long.toString(within.steps()));
        } else if (report instanceof Epoch epoch) {
            texts.put(prefix + "seconds", Double.toString(epoch.seconds()));
        }
        int number = 0;
        for (Map.Entry<String, Double> metric : report.metrics().entrySet()) {
            texts.put(prefix + METRIC + number + ".name", metric.getKey());
            texts.put(prefix + METRIC + number + ".value", Double.toString(metric.getValue()));
            number++;
        }
    }

    private static String name(Slot slot) {
        return slot.owner().name().toLowerCase(Locale.ROOT) + "." + slot.name() + "." + slot.parameter();
    }

    static Checkpoint read(Path file) throws IOException {
        CheckpointFile from = new CheckpointFile(file, SafeTensors.metadata(file));
        try {
            from.requireVersion();
            Map<String, Tensor> weights = new LinkedHashMap<>();
            Map<String, Tensor> best = new LinkedHashMap<>();
            Map<Slot, Tensor> kept = new LinkedHashMap<>();
            SafeTensors.read(file).forEach((name, tensor) -> {
                if (name.startsWith(WEIGHTS)) {
                    weights.put(name.substring(WEIGHTS.length()), tensor);
                } else if (name.startsWith(BEST)) {
                    best.put(name.substring(BEST.length()), tensor);
                } else {
                    kept.put(slot(name), tensor);
                }
            });
            return new Checkpoint(weights, from.state(kept), from.reports(), best, from.others());
        } catch (IllegalArgumentException e) {
            throw from.refused(String.valueOf(e.getMessage()));
        }
    }

    /** Whether a file is a checkpoint, whole or damaged. */
    static boolean is(Path file) {
        try {
            return is(SafeTensors.metadata(file));
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether texts are the metadata of a checkpoint. */
    static boolean is(Map<String, String> texts) {
        return texts.containsKey(VERSION);
    }

    private void requireVersion() throws IOException {
        int version = Integer.parseInt(text(VERSION));
        if (version > NEWEST) {
            throw refused("it has the format " + version + ", which this version of Fluxion does not know yet");
        }
    }

    private TrainingState state(Map<Slot, Tensor> kept) throws IOException {
        Progress progress = new Progress(
                Integer.parseInt(text(TRAINING + "epoch")),
                Integer.parseInt(text(TRAINING + "batches")),
                Double.parseDouble(text(TRAINING + "samples")),
                Double.parseDouble(text(TRAINING + "loss")));
        return new TrainingState(
                Long.parseLong(text(TRAINING + STEPS)),
                Long.parseLong(text(TRAINING + "seed")),
                Long.parseLong(text(TRAINING + "draws")),
                Double.parseDouble(text(TRAINING + "learning_rate")),
                progress,
                kept,
                Integer.parseInt(texts.getOrDefault(TRAINING + "collected", "0")),
                numbers());
    }

    private Map<String, Double> numbers() {
        Map<String, Double> numbers = new LinkedHashMap<>();
        texts.forEach((key, text) -> {
            if (key.startsWith(NUMBER)) {
                numbers.put(key.substring(NUMBER.length()), Double.valueOf(text));
            }
        });
        return numbers;
    }

    private List<Report> reports() throws IOException {
        List<Report> reports = new ArrayList<>();
        for (int i = 0; texts.containsKey(HISTORY + i + ".epoch"); i++) {
            reports.add(report(HISTORY + i + "."));
        }
        return reports;
    }

    private Report report(String prefix) throws IOException {
        Map<String, Double> metrics = new LinkedHashMap<>();
        for (int m = 0; texts.containsKey(prefix + METRIC + m + ".name"); m++) {
            metrics.put(text(prefix + METRIC + m + ".name"), Double.valueOf(text(prefix + METRIC + m + ".value")));
        }
        int epoch = Integer.parseInt(text(prefix + "epoch"));
        int epochs = Integer.parseInt(text(prefix + "epochs"));
        double rate = Double.parseDouble(text(prefix + "learning_rate"));
        double loss = Double.parseDouble(text(prefix + "loss"));
        return texts.containsKey(prefix + STEPS)
                ? new Evaluated(epoch, epochs, Long.parseLong(text(prefix + STEPS)), rate, loss, metrics)
                : new Epoch(epoch, epochs, rate, loss, metrics, Double.parseDouble(text(prefix + "seconds")));
    }

    private Map<String, String> others() {
        Map<String, String> others = new LinkedHashMap<>();
        texts.forEach((key, text) -> {
            if (key.startsWith(PREFIX)
                    && !key.equals(VERSION)
                    && !key.startsWith(TRAINING)
                    && !key.startsWith(HISTORY)) {
                others.put(key.substring(PREFIX.length()), text);
            }
        });
        return others;
    }

    private String text(String name) throws IOException {
        String text = texts.get(name);
        if (text == null) {
            throw refused("there is no " + name + " in its metadata");
        }
        return text;
    }

    private static Slot slot(String name) {
        String[] parts = name.split("\\.", 3);
        for (Slot.Owner owner : Slot.Owner.values()) {
            if (parts.length == 3 && parts[0].equals(owner.name().toLowerCase(Locale.ROOT))) {
                return new Slot(owner, parts[1], parts[2]);
            }
        }
        throw new IllegalArgumentException("'" + Legible.of(name) + "' is nothing that a training keeps");
    }

    private IOException refused(String why) {
        return new IOException(FileErrors.notCheckpoint(file, why));
    }
}
