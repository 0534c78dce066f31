package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.train.Metrics.mean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.train.TrainingListener.Evaluated;
import dev.fluxion.io.Csv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvLogTest {
    private static final DataLoader DATA = DataLoader.of(
                    Dataset.of(Tensor.full(1, 8, 1), Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 8, 1)))
            .batch(2)
            .shuffle(1);
    private static final Trainer TRAINER = Trainer.of(mse(), adam(0.01))
            .epochs(3)
            .evaluate(DATA, mean("a \"b\", c", mse()), mean("loss", mse()))
            .evaluateEvery(3);

    @TempDir
    private Path folder;

    private static void train(Trainer trainer) {
        try (Model model = Model.of(linear(1, 1), 1)) {
            trainer.fit(model, DATA);
        }
    }

    @Test
    void aRowForEachStepAndForEachEvaluation() throws IOException {
        Path steps = folder.resolve("made/too/steps.csv");
        Path epochs = folder.resolve("epochs.csv");

        train(TRAINER.listen(CsvLog.steps(steps)).listen(CsvLog.epochs(epochs)));

        List<String> rows = Files.readAllLines(steps);
        assertThat(rows).hasSize(13).first().isEqualTo("epoch,iteration,step,learning_rate,loss");
        assertThat(rows.get(6)).startsWith("2,2,6,0.01,");
        String text = Files.readString(epochs);
        assertThat(text)
                .startsWith("epoch,step,learning_rate,loss,seconds,\"a \"\"b\"\", c\",evaluation.loss\r\n1,3,0.01,")
                .endsWith("\r\n");
        assertThat(Csv.rows(text)).hasSize(7).allMatch(row -> row.size() == 7);
        assertThat(Csv.rows(text).stream().filter(row -> row.get(4).isEmpty())).hasSize(3);
    }

    @Test
    void aFileThatExistsOrCannotBeWrittenIsRefusedBeforeTheFirstStep() throws IOException {
        Path file = Files.writeString(folder.resolve("log.csv"), "mine");
        assertThatThrownBy(() -> train(TRAINER.listen(CsvLog.steps(file))))
                .isInstanceOf(ListenerException.class)
                .hasMessageContainingAll(
                        "CsvLog", file + ": there is a file already", "at the start, with 0 steps done");
        assertThat(file).hasContent("mine");

        for (Path bad : List.of(file.resolve("log.csv"), folder)) {
            assertThatThrownBy(() -> train(TRAINER.listen(CsvLog.epochs(bad))))
                    .isInstanceOf(ListenerException.class)
                    .hasMessageContaining(bad + ": ");
        }
    }

    /** The second training goes on from a checkpoint of the first, which went on after it. */
    @Test
    void aTrainingThatGoesOnHasTheLogOfOneThatNeverStopped() throws IOException {
        for (int every : new int[] {1, 2}) {
            for (int stop : every == 1 ? new int[] {2, 3, 4, 8} : new int[] {1, 7}) {
                Path at = folder.resolve(every + "-" + stop);
                Trainer trainer = Trainer.of(mse(), adam(0.01).accumulate(every))
                        .epochs(3)
                        .evaluate(DATA, mean("m", mse()))
                        .evaluateEvery(3);
                Checkpoint[] kept = new Checkpoint[1];
                int last = stop;
                Trainer first = logs(trainer, at).listen(new TrainingListener() {
                    private int iterations;

                    @Override
                    public void iteration(Iteration iteration, Training training) {
                        if (++iterations == last) {
                            kept[0] = training.checkpoint();
                        } else if (iterations == Math.min(11, last + 2)) {
                            training.stop("enough");
                        }
                    }
                });
                train(first);
                train(logs(trainer, at).resume(kept[0]));
                train(logs(trainer, at.resolve("whole")));

                assertThat(at.resolve("steps.csv")).hasSameTextualContentAs(at.resolve("whole/steps.csv"));
                assertThat(withoutSeconds(at.resolve("epochs.csv")))
                        .isEqualTo(withoutSeconds(at.resolve("whole/epochs.csv")));
            }
        }
    }

    private static Trainer logs(Trainer trainer, Path at) {
        return trainer.listen(CsvLog.steps(at.resolve("steps.csv"))).listen(CsvLog.epochs(at.resolve("epochs.csv")));
    }

    private static List<List<String>> withoutSeconds(Path file) throws IOException {
        List<List<String>> rows = Csv.rows(Files.readString(file));
        rows.forEach(row -> row.set(4, row.get(4).isEmpty() ? "" : "some"));
        return rows;
    }

    @Test
    void aTrainingGoesOnWithNoFileButALog() throws IOException {
        Checkpoint[] kept = new Checkpoint[1];
        train(TRAINER.steps(2).listen(new TrainingListener() {
            @Override
            public void iteration(Iteration iteration, Training training) {
                kept[0] = training.checkpoint();
            }
        }));
        for (String content : List.of("x\r\n1\r\n", "epoch,iteration,step,learning_rate,loss\r\na,1,1,1,1\r\n")) {
            Path file = Files.writeString(folder.resolve("other.csv"), content);
            assertThatThrownBy(() -> train(TRAINER.resume(kept[0]).listen(CsvLog.steps(file))))
                    .hasMessageContaining("other.csv: the training goes on, but this is no log of it");
            assertThat(file).hasContent(content);
        }
    }

    @Test
    void aRowWithOtherMetricsIsRefused() {
        Path file = folder.resolve("log.csv");
        CsvLog log = CsvLog.epochs(file);
        log.evaluated(new Evaluated(0, 1, 1, 0.1, 1, Map.of("a", 1.0)));

        assertThatThrownBy(() -> log.evaluated(new Evaluated(0, 1, 1, 0.1, 1, Map.of("b", 1.0))))
                .hasMessage(
                        file + ": the log has the columns [epoch, step, learning_rate, loss, seconds, a] but a row has"
                                + " [epoch, step, learning_rate, loss, seconds, b]");
    }

    @Test
    void recordsAreReadAsTheyWereWritten() {
        List<List<String>> rows = List.of(List.of("a", "", "b,c"), List.of("\"", "x\r\ny", "\n\"\""), List.of(""));
        StringBuilder text = new StringBuilder();
        rows.forEach(row -> text.append(Csv.row(row)));

        assertThat(Csv.rows(text.toString())).isEqualTo(rows);
        assertThat(Csv.rows(text + "half,a ro")).isEqualTo(rows);
    }
}
