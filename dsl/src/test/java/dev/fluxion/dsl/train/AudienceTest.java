package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What listeners hear, and that they hear of the end whatever happens. */
class AudienceTest {
    private static final DataLoader DATA = DataLoader.of(
                    Dataset.of(Tensor.full(1, 6, 1), Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 6, 1)))
            .batch(2);
    private static final Trainer TRAINER = Trainer.of(mse(), sgd(0.01)).epochs(2);

    /** Notes what it hears, and throws at one of these. */
    private record Noting(List<String> heard, String throwsAt) implements TrainingListener {
        private void hear(String what) {
            heard.add(what);
            if (what.equals(throwsAt)) {
                throw new IllegalStateException("no " + what);
            }
        }

        @Override
        public void begun(Begun begun) {
            hear("begun");
        }

        @Override
        public void iteration(Iteration iteration) {
            hear("iteration");
        }

        @Override
        public void epoch(Epoch epoch) {
            hear("epoch");
        }

        @Override
        public void ended(Ended ended) {
            hear(ended.outcome() == null ? "failed" : "ended");
        }
    }

    private static Throwable heard(List<String> heard, String throwsAt) {
        try (Model model = Model.of(linear(1, 1), 1)) {
            return catchThrowable(() -> TRAINER.listen(new Noting(heard, throwsAt))
                    .listen(new Noting(heard, ""))
                    .fit(model, DATA));
        }
    }

    @Test
    void theStartComesFirstAndTheEndLast() {
        List<String> heard = new ArrayList<>();

        assertThat(heard(heard, "")).isNull();

        assertThat(heard)
                .hasSize(20)
                .startsWith("begun", "begun", "iteration")
                .endsWith("epoch", "epoch", "ended", "ended");
    }

    @Test
    void theEndIsHeardWhateverAListenerThrows() {
        for (String at : List.of("begun", "iteration", "epoch")) {
            List<String> heard = new ArrayList<>();

            assertThat(heard(heard, at))
                    .isInstanceOf(ListenerException.class)
                    .hasMessageContaining("Noting threw java.lang.IllegalStateException: no " + at + " at ");
            assertThat(heard).endsWith(at, "failed", "failed");
        }
    }

    @Test
    void whatIsThrownAtTheEndIsThrownWhenAllHaveHeard() {
        List<String> heard = new ArrayList<>();

        assertThat(heard(heard, "ended"))
                .isInstanceOf(ListenerException.class)
                .hasMessageContaining("at the end, 2 epochs, 6 steps");
        assertThat(heard).endsWith("ended", "ended");
    }

    @Test
    void theEndIsHeardAfterAFailureOfTheTraining() {
        List<String> heard = new ArrayList<>();
        DataLoader broken = DataLoader.of(Dataset.of(Tensor.full(1, 2, 1), Tensor.full(Float.NaN, 2, 1)));
        try (Model model = Model.of(linear(1, 1), 1)) {
            Trainer trainer = TRAINER.listen(new Noting(heard, "failed")).listen(new Noting(heard, ""));

            assertThatThrownBy(() -> trainer.fit(model, broken))
                    .isInstanceOf(dev.fluxion.ir.ValueException.class)
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        }
        assertThat(heard).containsExactly("begun", "begun", "failed", "failed");
    }

    @Test
    void theSettingTellsWhatIsTrainedHow() {
        List<String> texts = new ArrayList<>();
        try (Model model = Model.of(linear(1, 1), 1)) {
            TRAINER.listen(new TrainingListener() {
                        @Override
                        public void begun(Begun begun) {
                            begun.setting().forEach((name, text) -> texts.add(name + "=" + text));
                        }
                    })
                    .fit(model, DATA);
        }
        assertThat(texts)
                .contains("configuration.optimizer=sgd(0.01)", "configuration.data=6 samples in batches of 2")
                .anyMatch(text -> text.startsWith("environment.java="));
    }

    @Test
    void flightRecordsHaveEachStepAndEachEpoch(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("training.jfr");
        try (Model model = Model.of(linear(1, 1), 1);
                Recording recording = new Recording()) {
            recording.enable("dev.fluxion.Step");
            recording.enable("dev.fluxion.Epoch");
            recording.start();
            TRAINER.fit(model, DATA);
            recording.stop();
            recording.dump(file);
        }
        assertThat(RecordingFile.readAllEvents(file))
                .extracting(event -> event.getEventType().getLabel() + " " + event.getInt("epoch"))
                .containsExactlyInAnyOrder(
                        "Training step 0",
                        "Training step 0",
                        "Training step 0",
                        "Training epoch 0",
                        "Training step 1",
                        "Training step 1",
                        "Training step 1",
                        "Training epoch 1");
    }
}
