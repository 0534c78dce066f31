package dev.fluxion.dsl.train;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.TrainingState.Progress;
import dev.fluxion.io.SafeTensors;
import dev.fluxion.ir.Legible;
import dev.fluxion.ir.Slot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The state of a training as a safetensors file. A tensor's name has its owner, its own name and its parameter, as in
 * {@code optimizer.exp_avg.0.weight}; numbers are in the metadata.
 */
final class StateFile {
    private static final String PREFIX = "fluxion.training.";

    private final Path file;
    private final Map<String, String> numbers;

    private StateFile(Path file, Map<String, String> numbers) {
        this.file = file;
        this.numbers = numbers;
    }

    static void write(Path file, TrainingState state) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        state.kept().forEach((slot, value) -> tensors.put(name(slot), value));
        Progress progress = state.progress();
        SafeTensors.write(
                file,
                tensors,
                Map.of(
                        PREFIX + "steps", Long.toString(state.steps()),
                        PREFIX + "seed", Long.toString(state.seed()),
                        PREFIX + "draws", Long.toString(state.draws()),
                        PREFIX + "learning_rate", Double.toString(state.learningRate()),
                        PREFIX + "epoch", Integer.toString(progress.epoch()),
                        PREFIX + "batches", Integer.toString(progress.batches()),
                        PREFIX + "samples", Double.toString(progress.samples()),
                        PREFIX + "loss", Double.toString(progress.loss())));
    }

    private static String name(Slot slot) {
        return slot.owner().name().toLowerCase(Locale.ROOT) + "." + slot.name() + "." + slot.parameter();
    }

    static TrainingState read(Path file) throws IOException {
        StateFile state = new StateFile(file, SafeTensors.metadata(file));
        Map<Slot, Tensor> kept = new LinkedHashMap<>();
        try {
            Progress progress = new Progress(
                    Integer.parseInt(state.number("epoch")),
                    Integer.parseInt(state.number("batches")),
                    Double.parseDouble(state.number("samples")),
                    Double.parseDouble(state.number("loss")));
            for (Map.Entry<String, Tensor> tensor : SafeTensors.read(file).entrySet()) {
                kept.put(state.slot(tensor.getKey()), tensor.getValue());
            }
            return new TrainingState(
                    Long.parseLong(state.number("steps")),
                    Long.parseLong(state.number("seed")),
                    Long.parseLong(state.number("draws")),
                    Double.parseDouble(state.number("learning_rate")),
                    progress,
                    kept);
        } catch (IllegalArgumentException e) {
            throw state.refused(String.valueOf(e.getMessage()));
        }
    }

    private String number(String name) throws IOException {
        String number = numbers.get(PREFIX + name);
        if (number == null) {
            throw refused("there is no " + PREFIX + name + " in its metadata");
        }
        return number;
    }

    private Slot slot(String name) throws IOException {
        String[] parts = name.split("\\.", 3);
        for (Slot.Owner owner : Slot.Owner.values()) {
            if (parts.length == 3 && parts[0].equals(owner.name().toLowerCase(Locale.ROOT))) {
                return new Slot(owner, parts[1], parts[2]);
            }
        }
        throw refused("'" + Legible.of(name) + "' is nothing that a training keeps");
    }

    private IOException refused(String why) {
        return new IOException(Errors.notState(file, why));
    }
}
