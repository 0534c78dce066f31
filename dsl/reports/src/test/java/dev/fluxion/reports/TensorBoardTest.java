package dev.fluxion.reports;

import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.dropout;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.train.Metrics.accuracy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.SyntheticDigits;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Checkpoint;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.dsl.train.TrainingListener;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Event files. What TensorBoard itself reads in the recorded file lies beside it, with the script that made TensorBoard tell; the
 * file is still written to the byte.
 */
class TensorBoardTest {
    private static final DataLoader DATA =
            DataLoader.of(SyntheticDigits.of(24, 1)).batch(8).shuffle(1);
    private static final Trainer TRAINER =
            Trainer.of(crossEntropy(), adam(0.01)).epochs(2).evaluate("test", DATA, accuracy());

    @TempDir
    private Path folder;

    private static Map<String, Tensor> train(Trainer trainer) {
        Seq net = Seq.of(conv(2, 3).stride(3), batchNorm(2), relu(), flatten(), dropout(0.5), linear(10));
        try (Model model = Model.of(net, 1, 28, 28)) {
            trainer.fit(model, DATA);
            return model.parameters().values();
        }
    }

    /** The file that was recorded: {@code events.py} tells what TensorBoard reads in it. */
    private static void sample(Path file) throws IOException {
        try (EventFile events = EventFile.create(file, () -> 1.5e9);
                Model model = Model.of(Seq.of(conv(2, 3), relu(), flatten(), linear(3)), 1, 4, 4)) {
            Map<String, Object> parameters = new LinkedHashMap<>();
            parameters.put("optimizer", "sgd(0.1)");
            parameters.put("learning rate", 0.1);
            events.value(0, Summaries.sessionStart(parameters, 1.5e9));
            events.graph(GraphNodes.of(model.graph(1)));
            for (int step = 1; step <= 5; step++) {
                events.value(step, Summaries.scalar("training/loss", 1.0 / step));
            }
            events.value(3, Summaries.scalar("test/größe", Double.NaN));
            events.value(3, Summaries.histogram("weights/w", 1, 2, 2, 3, 61, Float.NaN, Float.POSITIVE_INFINITY));
            events.value(3, Summaries.histogram("weights/same", 7, 7));
            events.value(3, Summaries.histogram("weights/none"));
            events.goesOn(4);
            events.value(4, Summaries.scalar("training/loss", 4));
            events.value(1L << 40, Summaries.scalar("training/late", -1));
            events.value(0, Summaries.sessionEnd(true, 1.5e9 + 1));
        }
    }

    @Test
    void theFileIsThatWhichTensorBoardReads() throws IOException {
        Path file = folder.resolve("events");
        sample(file);

        try (InputStream in = TensorBoardTest.class.getResourceAsStream("sample.tfevents")) {
            assertThat(Files.readAllBytes(file)).isEqualTo(in.readAllBytes());
        }
    }

    @Test
    void aTrainingIsWrittenAndItsBitsAreTheSame() throws IOException {
        Map<String, Tensor> weights = train(TRAINER.listen(TensorBoard.in(folder)));

        assertThat(weights).isEqualTo(train(TRAINER));
        Trainer unevaluated = Trainer.of(crossEntropy(), adam(0.01));
        assertThat(train(unevaluated.listen(TensorBoard.in(folder.resolve("other")))))
                .isEqualTo(train(unevaluated));
        List<List<Events.Field>> events = Events.of(files().get(0));
        assertThat(Events.tags(events))
                .contains(
                        "_hparams_/session_start_info 0", "_hparams_/session_end_info 0", "samples/0 0", "samples/7 0")
                .contains(
                        "training/loss 1",
                        "training/loss 6",
                        "training/learning rate 6",
                        "test/accuracy 3",
                        "test/accuracy 6")
                .contains("weights/0.weight 3", "weights/1.running_mean 6", "gradients/5.bias 6")
                .doesNotContain("gradients/1.running_mean 6", "samples/8 0");
        assertThat(events.stream().flatMap(List::stream).filter(field -> field.number() == 4))
                .hasSize(1);
    }

    @Test
    void fewerStepsAndNoHistogramsOnRequest() throws IOException {
        train(TRAINER.only("5").listen(TensorBoard.in(folder).every(4)));
        assertThat(Events.tags(Events.of(files().get(0))))
                .contains("training/loss 4", "gradients/5.weight 3", "weights/0.weight 3")
                .doesNotContain("training/loss 1", "gradients/0.weight 3");

        Path other = folder.resolve("other");
        train(TRAINER.listen(TensorBoard.in(other).histograms(false)));
        try (Stream<Path> all = Files.list(other)) {
            assertThat(Events.tags(Events.of(all.findFirst().orElseThrow())))
                    .noneMatch(tag -> tag.startsWith("weights/"));
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return new ArrayList<>(all.filter(Files::isRegularFile).sorted().toList());
        }
    }

    @Test
    void aFolderWithEventsIsRefusedUnlessTheTrainingGoesOn() throws IOException {
        Checkpoint[] kept = new Checkpoint[1];
        train(TRAINER.listen(new TrainingListener() {
                    @Override
                    public void iteration(Iteration iteration, Training training) {
                        kept[0] = training.steps() == 2 ? training.checkpoint() : kept[0];
                    }
                })
                .listen(TensorBoard.in(folder)));

        assertThatThrownBy(() -> train(TRAINER.listen(TensorBoard.in(folder))))
                .hasMessageContaining(folder + ": there are event files already; choose another folder");

        train(TRAINER.resume(kept[0]).listen(TensorBoard.in(folder)));
        assertThat(files()).hasSize(2);
        List<List<Events.Field>> events = Events.of(files().get(1));
        assertThat(events.stream().filter(event -> event.get(event.size() - 1).number() == 7))
                .extracting(event -> event.get(1).value())
                .containsExactly(3L);
        assertThat(Events.tags(events)).contains("training/loss 3").doesNotContain("training/loss 2");
    }

    @Test
    void badArgumentsAndFolders() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        assertThatThrownBy(() -> train(TRAINER.listen(TensorBoard.in(file))))
                .hasMessageContainingAll("TensorBoard", file.toString(), "at the start, with 0 steps done");
        assertThatThrownBy(() -> TensorBoard.in(folder).every(0))
                .hasMessage("every: the number of steps must be at least 1 but is 0");
        assertThatThrownBy(() -> TensorBoard.in(null)).hasMessage("in: the folder must not be null");
    }

    /** Records the file anew; then run {@code events.py}. */
    public static void main(String... args) throws IOException {
        Files.deleteIfExists(Path.of(args[0]));
        sample(Path.of(args[0]));
    }
}
