package dev.fluxion.reports;

import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static dev.fluxion.dsl.train.Metrics.accuracy;
import static dev.fluxion.dsl.train.Metrics.mean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Checkpoint;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Trainer;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.dsl.train.TrainingListener;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunRecorderTest {
    private static final DataLoader DATA =
            DataLoader.of(pictures(40, 3)).batch(8).shuffle(1);
    private static final Trainer TRAINER = Trainer.of(crossEntropy(), sgd(0.1))
            .epochs(3)
            .evaluate("<test>", DataLoader.of(pictures(20, 3)).batch(8), accuracy(), mean("loss", crossEntropy()));

    @TempDir
    private Path folder;

    private static Dataset pictures(int count, int channels) {
        Random random = new Random(count);
        float[] pixels = new float[count * channels * 20];
        int[] labels = new int[count];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextFloat();
        }
        Arrays.setAll(labels, i -> random.nextInt(3));
        return Dataset.of(Tensor.of(pixels, count, channels, 4, 5), Tensor.labels(labels));
    }

    private static Map<String, Tensor> train(Trainer trainer) {
        try (Model model = Model.of(Seq.of(flatten(), linear(3)), 3, 4, 5)) {
            trainer.fit(model, DATA);
            return model.parameters().values();
        }
    }

    @Test
    void aRunIsReadAsItWas() throws IOException {
        Path at = folder.resolve("runs/first");

        Map<String, Tensor> weights = train(TRAINER.listen(RunRecorder.in(at).classes("a", "b<i>", "c\"")));

        assertThat(weights).isEqualTo(train(TRAINER));
        Run run = Run.read(at);
        assertThat(run.name()).isEqualTo("first");
        assertThat(run.status()).isEqualTo("ended");
        assertThat(run.configuration())
                .containsEntry("optimizer", "sgd(0.1)")
                .containsEntry("epochs", "3")
                .containsKeys("network", "loss", "schedule", "data");
        assertThat(run.environment()).containsKeys("java", "jvm", "processor", "threads", "onednn");
        assertThat(run.metrics()).containsExactly("<test>.accuracy", "<test>.loss");
        assertThat(run.epochs().rows()).isEqualTo(3);
        assertThat(run.steps().column("step")).hasSize(15).startsWith(1, 2).endsWith(15);
        assertThat(run.seconds()).isPositive();
        assertThat(run.folder().resolve("summary.txt")).content().contains("linear(3)");
        assertThat(run.folder().resolve("explain.txt")).content().contains("matmul");
        assertThat(Files.readAllLines(at.resolve("confusion.csv"))).hasSize(10);
    }

    @Test
    void thePageIsOneFileAndEscapesWhatComesFromOutside() throws Exception {
        Path at = folder.resolve("a & <b>");
        train(TRAINER.listen(RunRecorder.in(at).classes("a", "b<i>", "c\"")));

        String page = Files.readString(at.resolve("report.html"));

        assertThat(page)
                .contains("<title>a &amp; &lt;b&gt;</title>", "b&lt;i&gt;", "&lt;test&gt;.accuracy", "c&quot;")
                .contains("Confusion matrix", "Worst mistakes", "Learning rate", "sgd(0.1)", "What a step computes")
                .doesNotContain("<test>", "b<i>")
                .doesNotContainPattern("(src|href)=\"(?!data:image/png)")
                .doesNotContain("<script");
        Matcher pictures = Pattern.compile("base64,([^\"]+)").matcher(page);
        assertThat(pictures.find()).isTrue();
        var picture = ImageIO.read(
                new ByteArrayInputStream(java.util.Base64.getDecoder().decode(pictures.group(1))));
        assertThat(picture.getWidth() + "×" + picture.getHeight()).isEqualTo("5×4");
        assertThat(picture.getRaster().getNumBands()).isEqualTo(3);
    }

    @Test
    void aTrainingThatFailedHasAReportThatTells() throws IOException {
        Path at = folder.resolve("failed");
        TrainingListener failing = new TrainingListener() {
            @Override
            public void epoch(Epoch epoch) {
                throw new IllegalStateException("out of <luck>");
            }
        };

        assertThatThrownBy(() -> train(TRAINER.listen(failing).listen(RunRecorder.in(at))))
                .hasMessageContaining("out of <luck>");

        Run run = Run.read(at);
        assertThat(run.status()).isEqualTo("failed");
        assertThat(run.steps().rows()).isEqualTo(5);
        assertThat(at.resolve("report.html")).content().contains("out of &lt;luck&gt;");
    }

    @Test
    void whatIsNotAClassifierOfPicturesHasAReport() throws IOException {
        Path at = folder.resolve("numbers");
        DataLoader data = DataLoader.of(Dataset.of(Tensor.full(1, 4, 2), Tensor.full(2, 4, 1)));
        try (Model model = Model.of(linear(2, 1), 2)) {
            Trainer.of(mse(), adam(0.1))
                    .evaluate(data, mean("mae", mse()))
                    .listen(RunRecorder.in(at))
                    .fit(model, data);
        }

        assertThat(at.resolve("report.html")).content().contains("mae").doesNotContain("Confusion", "mistakes</h2>");
    }

    @Test
    void aFolderWithARunIsRefusedUnlessTheTrainingGoesOn() throws IOException {
        Path at = folder.resolve("one");
        Checkpoint[] kept = new Checkpoint[1];
        TrainingListener keeping = new TrainingListener() {
            @Override
            public void epoch(Epoch epoch, Training training) {
                kept[0] = epoch.epoch() == 1 ? training.checkpoint() : kept[0];
            }
        };
        train(TRAINER.listen(keeping).listen(RunRecorder.in(at)));

        assertThatThrownBy(() -> train(TRAINER.listen(RunRecorder.in(at))))
                .hasMessageContaining(at + ": there is a run already");
        assertThat(Run.read(at).status()).isEqualTo("ended");

        train(TRAINER.epochs(4).resume(kept[0]).listen(RunRecorder.in(at)));
        assertThat(Run.read(at).epochs().column("epoch")).containsExactly(1, 2, 3, 4);
    }

    @Test
    void aFolderThatCannotBeWrittenIsRefusedBeforeTheFirstStep() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");

        assertThatThrownBy(() -> train(TRAINER.listen(RunRecorder.in(file.resolve("run")))))
                .hasMessageContainingAll(file.toString(), "at the start, with 0 steps done");
        assertThat(file).hasContent("mine");
    }

    @Test
    void aFolderThatIsRefusedLeavesNoFileOpen() throws IOException {
        Path at = Files.createDirectory(folder.resolve("run"));
        Files.writeString(at.resolve("epochs.csv"), "mine");

        assertThatThrownBy(() -> train(TRAINER.listen(RunRecorder.in(at)))).hasMessageContaining("epochs.csv");

        assertThat(isOpen(at.resolve("steps.csv"))).isFalse();
        assertThat(at.resolve("epochs.csv")).hasContent("mine");
    }

    /** Whether this process has a file open, where Linux tells. */
    private static boolean isOpen(Path file) throws IOException {
        Path all = Path.of("/proc/self/fd");
        if (Files.notExists(all) || Files.notExists(file)) {
            return false;
        }
        try (Stream<Path> open = Files.list(all)) {
            for (Path one : open.toList()) {
                if (Files.isRegularFile(one) && one.toRealPath().equals(file.toRealPath())) {
                    return true;
                }
            }
        } catch (NoSuchFileException e) {
            return isOpen(file); // another thread closed one meanwhile
        }
        return false;
    }

    @Test
    void runsAreNumberedAndCompared() throws IOException {
        train(TRAINER.listen(RunRecorder.numbered(folder, "digits")));
        train(Trainer.of(crossEntropy(), adam(0.01)).epochs(2).listen(RunRecorder.numbered(folder, "digits")));
        Files.createDirectory(folder.resolve("other"));

        Comparison comparison = Runs.compare(Runs.in(folder));

        assertThat(comparison.columns())
                .containsExactly(
                        "run", "status", "epochs", "steps", "seconds", "loss", "<test>.accuracy", "<test>.loss");
        assertThat(comparison.rows())
                .extracting(row -> row.get(0) + " " + row.get(2) + " " + row.get(3))
                .containsExactly("digits-1 3 15", "digits-2 2 10");
        assertThat(comparison.rows().get(1)).endsWith("", "");
        assertThat(comparison.differences())
                .containsOnlyKeys("optimizer", "epochs")
                .containsEntry("optimizer", List.of("sgd(0.1)", "adam(0.01)"));
        assertThat(comparison).asString().contains("run       status  epochs", "\n  digits-2  adam(0.01)\n");
        assertThat(comparison.svg("<test>.accuracy"))
                .contains("<polyline", "digits-1")
                .doesNotContain("digits-2", "<test>");
        assertThat(comparison.svg("loss")).contains("digits-1", "digits-2");
        assertThat(Runs.compare(List.of())).asString().isNotEmpty();
    }

    @Test
    void aRunThatWasKilledIsReadUpToItsLastWholeRow() throws IOException {
        train(TRAINER.listen(RunRecorder.in(folder.resolve("run"))));
        Path steps = folder.resolve("run/steps.csv");
        String text = Files.readString(steps);
        Files.writeString(steps, text.substring(0, text.length() - 5));
        Files.delete(folder.resolve("run/epochs.csv"));

        Run run = Run.read(folder.resolve("run"));

        assertThat(run.steps().rows()).isEqualTo(14);
        assertThat(run.epochs().rows()).isZero();
        assertThat(HtmlReport.of(run).html()).contains("Learning rate");
    }

    @Test
    void damagedFilesAreNamed() throws IOException {
        train(TRAINER.listen(RunRecorder.in(folder.resolve("run"))));
        assertThatThrownBy(() -> Run.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("has no file run.csv");
        assertThatThrownBy(() -> Runs.in(folder.resolve("none"))).hasMessageEndingWith("none: this is no folder");
        Path steps = folder.resolve("run/steps.csv");
        Files.writeString(steps, "epoch,loss\r\n1,2\r\n1,x\r\n");
        assertThatThrownBy(() -> Run.read(folder.resolve("run")))
                .isInstanceOf(IOException.class)
                .hasMessage(steps + ", line 3: 'loss' must be a number but is 'x'");
        Files.writeString(steps, "epoch,loss\r\n1,2\r\n");
        assertThatThrownBy(() -> Run.read(folder.resolve("run")))
                .hasMessage(steps
                        + ": expected the columns [epoch, iteration, step, learning_rate, loss] but got [epoch, loss]");
        Files.writeString(steps, "epoch,loss\r\n1\r\n");
        assertThatThrownBy(() -> Runs.in(folder)).hasMessage(steps + ", line 2: expected 2 fields but got 1");
        Files.writeString(folder.resolve("run/run.csv"), "name,text\r\nalone\r\n");
        assertThatThrownBy(() -> Run.read(folder.resolve("run")))
                .hasMessageEndingWith("record 2: expected a name and a text");
    }

    @Test
    void aWrongNumberOfClassesIsRefusedBeforeTheFirstStep() {
        Path at = folder.resolve("run");
        assertThatThrownBy(() -> train(TRAINER.listen(RunRecorder.in(at).classes("a", "b"))))
                .hasMessageContainingAll("confusionMatrix", "2", "3", "at the start, with 0 steps done");
        assertThat(at).doesNotExist();
    }

    @Test
    void picturesOutsideOfTheRunAreNotShown() throws IOException {
        Path at = folder.resolve("run");
        train(TRAINER.listen(RunRecorder.in(at)));
        Files.writeString(folder.resolve("secret.png"), "secret");
        Files.writeString(
                at.resolve("mistakes.csv"),
                "sample,target,predicted,probability,loss,picture\r\n1,a,b,0.5,1,../secret.png\r\n");
        assertThat(HtmlReport.of(Run.read(at)).html()).contains("taken for").doesNotContain("c2VjcmV0");
        Files.writeString(at.resolve("mistakes.csv"), "sample\r\n1\r\n");
        assertThatThrownBy(() -> HtmlReport.of(Run.read(at)).html())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(at + ": a file of the run is damaged");
    }

    @Test
    void badArguments() {
        assertThatThrownBy(() -> RunRecorder.in(null)).hasMessage("in: the folder must not be null");
        assertThatThrownBy(() -> RunRecorder.numbered(folder, "a/b"))
                .hasMessage("numbered: the name of a run must be the name of a folder but is 'a/b'");
        assertThatThrownBy(() -> RunRecorder.in(folder).mistakes(-1))
                .hasMessage("mistakes: the number must be at least 0 but is -1");
        assertThatThrownBy(() -> RunRecorder.in(folder).classes((String[]) null))
                .hasMessage("classes: the list must not be null");
        assertThatThrownBy(() -> RunRecorder.in(folder).classes("a", null))
                .hasMessage("classes: a name must not be null");
        assertThatThrownBy(() -> Runs.compare(null)).hasMessage("compare: the runs must not be null");
    }
}
