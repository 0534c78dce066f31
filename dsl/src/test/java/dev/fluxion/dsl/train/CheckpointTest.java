package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.io.Loading;
import dev.fluxion.io.SafeTensors;
import dev.fluxion.ir.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint in a file, and what of it fits a training. */
class CheckpointTest {
    /** Every so many bits are changed; all with {@code -Dfluxion.bits=1}. */
    private static final int BITS = Integer.getInteger("fluxion.bits", 13);

    private static final Batch BATCH = new Batch(Tensor.full(0.5f, 4, 3), Tensor.full(1, 4, 2));

    @TempDir
    Path folder;

    @Test
    void aFileKeepsEveryBit() throws IOException {
        Path file = folder.resolve("c.safetensors");
        try (Model model = Model.of(linear(3, 2), 3).seed(-7);
                Training training = model.training(mse(), adam(0.1 + 0.2))) {
            training.step(BATCH);
            training.forward(BATCH);
            training.backward();
            training.progress(new TrainingState.Progress(3, 4, 5.5, 0.1 + 0.2));
            Map<String, Double> metrics = new LinkedHashMap<>();
            metrics.put("a metric\n.name", Double.NaN);
            metrics.put("accuracy", 1 / 3.0);
            TrainingListener.Epoch epoch = new TrainingListener.Epoch(2, 9, 0.3, 1e-300, metrics, 0.5);
            TrainingListener.Evaluated within = new TrainingListener.Evaluated(2, 9, 1L << 40, 0.1, 1 / 3.0, metrics);
            Checkpoint checkpoint = training.checkpoint()
                    .with(List.of(within, epoch), model.parameters().values(), Map.of("configuration.loss", "mse()"));
            assertThat(checkpoint.state().kept()).containsKey(Slot.training("gradient", "weight"));

            checkpoint.save(file);

            assertThat(Checkpoint.load(file)).isEqualTo(checkpoint);
        }
    }

    @Test
    void whatIsNoCheckpointIsTold() throws IOException {
        Path file = folder.resolve("c.safetensors");
        Map<String, Tensor> tensors = Map.of("w", Tensor.scalar(1));
        SafeTensors.write(file, tensors);
        String message = file + ": this is not the checkpoint of a training: ";
        assertThatThrownBy(() -> Checkpoint.load(file))
                .isInstanceOf(IOException.class)
                .hasMessage(message + "there is no fluxion.checkpoint in its metadata");
        SafeTensors.write(file, tensors, Map.of("fluxion.checkpoint", "1"));
        assertThatThrownBy(() -> Checkpoint.load(file)).hasMessage(message + "'w' is nothing that a training keeps");
        SafeTensors.write(file, Map.of(), Map.of("fluxion.checkpoint", "1"));
        assertThatThrownBy(() -> Checkpoint.load(file))
                .hasMessage(message + "there is no fluxion.training.epoch in its metadata");
        SafeTensors.write(file, Map.of(), Map.of("fluxion.checkpoint", "2"));
        assertThatThrownBy(() -> Checkpoint.load(file))
                .hasMessage(message + "it has the format 2, which this version of Fluxion does not know yet");
        SafeTensors.write(file, Map.of(), Map.of("fluxion.checkpoint", "one"));
        assertThatThrownBy(() -> Checkpoint.load(file)).hasMessageStartingWith(message + "For input string: \"one\"");
    }

    /** Which weights are meant, the last ones or their averages, is the user's to say. */
    @Test
    void whoeverTakesItForAModelIsToldWhatItIs() throws IOException {
        Path file = folder.resolve("checkpoint.safetensors");
        try (Model model = Model.of(linear(2, 1), 2);
                Training training = model.training(mse(), adam(0.1))) {
            training.checkpoint().save(file);
            String told =
                    "it is the checkpoint of a training: model.parameters().load(Checkpoint.load(file).weights()) takes";
            for (Loading how : List.of(Loading.strict(), Loading.strict().partial())) {
                assertThatThrownBy(() -> model.load(file, how))
                        .hasMessageStartingWith(file + " does not fit the model as it is: " + told);
            }
            assertThatThrownBy(() -> Model.open(file))
                    .hasMessageStartingWith(file + ": this is no model that can be opened: " + told);
            model.parameters().load(Checkpoint.load(file).weights());
        }
    }

    @Test
    void everyBitThatChangesIsFound() throws IOException {
        Path file = folder.resolve("c.safetensors");
        try (Model model = Model.of(linear(3, 2), 3);
                Training training = model.training(mse(), adam(0.1))) {
            training.step(BATCH);
            training.checkpoint().save(file);
        }
        byte[] right = Files.readAllBytes(file);
        for (int bit = 0; bit < 8 * right.length; bit += BITS) {
            byte[] wrong = right.clone();
            wrong[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, wrong);
            assertThatThrownBy(() -> Checkpoint.load(file)).as("bit %d", bit).isInstanceOf(IOException.class);
        }
    }

    @Test
    void itIsRestoredWholeOrNotAtAll() {
        try (Model model = Model.of(linear(3, 2), 3);
                Model other = Model.of(linear(3, 4), 3);
                Training training = model.training(mse(), adam(0.1));
                Training wider = other.training(mse(), adam(0.1));
                Training plain = model.training(mse(), sgd(0.1))) {
            training.step(BATCH);
            Checkpoint before = training.checkpoint();
            assertThatThrownBy(() -> training.restore(wider.checkpoint()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("'weight': expected shape 2×3 but got 4×3");
            Checkpoint mixed =
                    new Checkpoint(wider.checkpoint().weights(), before.state(), List.of(), Map.of(), Map.of());
            assertThatThrownBy(() -> training.restore(mixed)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> training.restore(plain.checkpoint()))
                    .hasMessageStartingWith("the state does not fit this training, which keeps [exp_avg, exp_avg_sq]");
            assertThat(training.checkpoint()).isEqualTo(before);
        }
    }
}
