package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.optim.Schedules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which checkpoints a trainer keeps, and from which it goes on. */
class CheckpointsTest {
    /** Five steps an epoch. */
    private static final DataLoader DATA = DataLoader.of(Dataset.of(Tensor.full(0.5f, 10, 3), Tensor.full(1, 10, 2)))
            .batch(2)
            .shuffle(1);

    /** Its rate follows from all epochs so far: it halves after each one. */
    private static final Trainer TRAINER = Trainer.of(mse(), adam(0.01))
            .epochs(3)
            .schedule(Schedules.plateau("loss").difference(100).patience(0).by(0.5));

    @TempDir
    Path dir;

    private Path folder = Path.of("");
    private final Model model = Model.of(linear(3, 2), 3).threads(1);

    @BeforeEach
    void nameFolder() {
        folder = dir.resolve("a").resolve("b");
    }

    @AfterEach
    void close() {
        model.close();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theLastOnesAndTheBestAreKept() throws IOException {
        Checkpoints two = Checkpoints.in(folder);
        TRAINER.checkpoints(two).fit(model, DATA);
        assertThat(files()).containsExactly("step-000000010.safetensors", "step-000000015.safetensors");

        TRAINER.epochs(4).checkpoints(two.every(3).keep(3).resume()).fit(model, DATA);
        assertThat(files())
                .containsExactly(
                        "step-000000015.safetensors", "step-000000018.safetensors", "step-000000020.safetensors");
        Checkpoint last = two.last().orElseThrow();
        assertThat(last.reports()).extracting(TrainingListener.Report::epoch).containsExactly(0, 1, 2, 3);
        assertThat(last.reports())
                .extracting(TrainingListener.Report::learningRate)
                .containsExactly(0.01, 0.01, 0.005, 0.0025);
        assertThat(last.weights()).isEqualTo(model.parameters().values());
        assertThat(last.texts())
                .containsEntry("configuration.optimizer", adam(0.01).toString())
                .containsEntry("configuration.data", "10 samples in batches of 2, shuffled with seed 1")
                .containsKeys("configuration.network", "environment.java", "environment.threads");

        folder = dir.resolve("best");
        TRAINER.checkpoints(Checkpoints.in(folder).keep(1).best(Best.highest("loss")))
                .fit(model, DATA);
        assertThat(files()).containsExactly("best.safetensors", "step-000000015.safetensors");
        assertThat(Checkpoint.load(folder.resolve("best.safetensors")).reports())
                .hasSize(1);
    }

    @Test
    void thoseOfAnotherTrainingAreNotMixedWithNewOnes() {
        TRAINER.checkpoints(Checkpoints.in(folder)).fit(model, DATA);
        assertThatThrownBy(() -> TRAINER.checkpoints(Checkpoints.in(folder)).fit(model, DATA))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("checkpoints: the folder " + folder + " holds those of an earlier training; resume()"
                        + " continues it, or take another folder");
    }

    @Test
    void aDamagedOneIsPassedOver() throws IOException {
        Checkpoints checkpoints = Checkpoints.in(folder).resume();
        Checkpoint whole = trained(checkpoints);
        Path last = folder.resolve("step-000000015.safetensors");
        Files.write(last, new byte[100]);
        Files.createFile(folder.resolve("step-000000016.safetensors." + UUID.randomUUID() + ".part"));
        assertThat(checkpoints.last().orElseThrow().state().steps()).isEqualTo(10);
        assertThat(trained(checkpoints).weights()).isEqualTo(whole.weights());
        assertThat(files()).containsExactly("step-000000010.safetensors", "step-000000015.safetensors");

        for (String file : files()) {
            Files.write(folder.resolve(file), new byte[100]);
        }
        assertThatThrownBy(() -> trained(checkpoints))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith(folder.resolve("step-000000010.safetensors") + ": ");
    }

    /** A damaged one stays until the training gets there, and pushes none of the new ones out. */
    @Test
    void aDamagedLaterOneDoesNotCount() throws IOException {
        Checkpoints one = Checkpoints.in(folder).keep(1).resume();
        TRAINER.steps(7).checkpoints(one).fit(model, DATA);
        Files.write(folder.resolve("step-000000013.safetensors"), new byte[100]);
        TRAINER.steps(9).checkpoints(one).fit(model, DATA);
        assertThat(files()).containsExactly("step-000000009.safetensors", "step-000000013.safetensors");
        assertThat(one.last().orElseThrow().state().steps()).isEqualTo(9);
        TRAINER.checkpoints(one).fit(model, DATA);
        assertThat(files()).containsExactly("step-000000015.safetensors");
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));
        assertThatThrownBy(() -> TRAINER.checkpoints(Checkpoints.in(file)).fit(model, DATA))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("checkpoints: " + file + " is a file, not a folder");
    }

    /** Five batches are two and a half steps. */
    @Test
    void aBatchThatMakesNoStepWritesNone() throws IOException {
        Checkpoints all = Checkpoints.in(folder).every(1).keep(9);
        Trainer.of(mse(), adam(0.01).accumulate(2)).steps(2).checkpoints(all).fit(model, DATA);
        assertThat(files()).containsExactly("step-000000001.safetensors", "step-000000002.safetensors");
    }

    private Checkpoint trained(Checkpoints checkpoints) throws IOException {
        TRAINER.checkpoints(checkpoints).fit(model, DATA);
        return checkpoints.last().orElseThrow();
    }

    @Test
    void theRestOfAnEpochNeedsTheSameData() throws IOException {
        Checkpoints checkpoints = Checkpoints.in(folder).resume();
        Outcome outcome = TRAINER.steps(7).checkpoints(checkpoints).fit(model, DATA);
        assertThat(outcome.end()).isEqualTo(Outcome.End.STEPS);
        assertThatThrownBy(() -> TRAINER.checkpoints(checkpoints).fit(model, DATA.batch(5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "resume: the checkpoint is from the middle of an epoch of 10 samples in batches of 2, shuffled"
                                + " with seed 1, but the data are 10 samples in batches of 5, shuffled with seed 1");
        assertThat(checkpoints.last().orElseThrow().state().steps()).isEqualTo(7);
        TRAINER.steps(5).checkpoints(checkpoints).fit(model, DATA);
        assertThat(checkpoints.last().orElseThrow().state().steps()).isEqualTo(7);
    }

    @Test
    void whatAListenerThrowsLosesNothing() throws IOException {
        TrainingListener failing = new TrainingListener() {
            @Override
            public void iteration(Iteration iteration, Training training) {
                if (training.steps() == 7) {
                    throw new IllegalStateException("full");
                }
            }
        };
        Checkpoints checkpoints = Checkpoints.in(folder);
        assertThatThrownBy(
                        () -> TRAINER.checkpoints(checkpoints).listen(failing).fit(model, DATA))
                .isInstanceOf(ListenerException.class)
                .hasMessageContaining("CheckpointsTest$1 threw java.lang.IllegalStateException: full at epoch 2/3");
        Checkpoint saved = checkpoints.last().orElseThrow();
        assertThat(saved.state().progress().batches()).isEqualTo(2);
        assertThat(saved.weights()).isEqualTo(model.parameters().values());
        try (Model other = Model.of(linear(3, 2), 3).threads(1);
                Model whole = Model.of(linear(3, 2), 3).threads(1)) {
            TRAINER.checkpoints(checkpoints.resume()).fit(other, DATA);
            TRAINER.fit(whole, DATA);
            assertThat(other.parameters().values()).isEqualTo(whole.parameters().values());
        }
    }
}
