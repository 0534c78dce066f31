package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.engine.OffHeap;
import dev.fluxion.ffi.Memory;
import dev.fluxion.io.LoadReport;
import dev.fluxion.io.Loading;
import dev.fluxion.io.PyTorchFile;
import dev.fluxion.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that are made of others. */
class ModelTest {
    private static final Tensor X = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);

    private static void train(Model model) {
        model.training(mse(), sgd(0.1)).step(new Batch(X, Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3)));
    }

    @Test
    void aBatchHasAtLeastOneSample() {
        try (Model model = Model.of(linear(2, 2), 2);
                Training training = model.training(mse(), sgd(1))) {
            for (int size : new int[] {0, -1}) {
                String message = ": the batch size must be at least 1 but is " + size;
                assertThatThrownBy(() -> model.predictor(size)).hasMessage("predictor" + message);
                assertThatThrownBy(() -> model.graph(size)).hasMessage("graph" + message);
                assertThatThrownBy(() -> training.program(size)).hasMessage("program" + message);
                assertThatThrownBy(() -> training.graph(size)).hasMessage("graph" + message);
            }
        }
    }

    @Test
    void anotherSeedLeavesTheModelAsItIs() {
        try (Model first = Model.of(linear(2, 3), 2)) {
            Tensor before = first.predict(X);
            try (Model second = first.seed(1)) {
                assertThat(second.predict(X)).isNotEqualTo(before);
                assertThat(first.predict(X)).isEqualTo(before);
                train(second);
                assertThat(first.predict(X)).isEqualTo(before);
            }
            assertThat(first.predict(X)).isEqualTo(before);
            try (Model again = first.seed(0)) {
                assertThat(again.predict(X)).isEqualTo(before);
            }
        }
    }

    @Test
    void anotherNumberOfThreadsKeepsWhatWasLearnedAndGoesItsOwnWay() {
        Model first = Model.of(linear(2, 3), 2);
        train(first);
        Tensor learned = first.predict(X);
        try (Model second = first.threads(1)) {
            assertThat(second.predict(X)).isEqualTo(learned);
            train(second);
            assertThat(second.predict(X)).isNotEqualTo(learned);
            assertThat(first.predict(X)).isEqualTo(learned);
            first.close();
            assertThat(second.predict(X)).isNotEqualTo(learned);
        }
    }

    @Test
    void modelsThatAreNotUsedNeedNotBeClosed() {
        long before = Memory.openBytes();
        Model last = Model.of(linear(2, 3), 2).seed(1).threads(1);
        assertThat(last.summary().parameters()).isEqualTo(9);
        assertThat(Memory.openBytes()).isEqualTo(before);
        last.predict(X);
        assertThat(Memory.openBytes()).isGreaterThan(before);
        last.close();
        assertThat(Memory.openBytes()).isEqualTo(before);
    }

    @Test
    void aClosedModelRefusesToBeUsed() {
        Model model = Model.of(linear(2, 3), 2);
        Training training = model.training(mse(), sgd(0.1));
        model.predict(X);
        model.close();
        model.close();
        for (int rows = 1; rows <= 2; rows++) {
            Tensor x = Tensor.full(1, rows, 2);
            assertThatThrownBy(() -> model.predict(x))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the model is closed");
            Batch batch = new Batch(x, Tensor.full(1, rows, 3));
            assertThatThrownBy(() -> training.step(batch)).hasMessage("the model is closed");
            assertThatThrownBy(() -> training.forward(batch)).hasMessage("the model is closed");
        }
        Path file = Path.of("none.safetensors");
        for (ThrowingCallable use : List.<ThrowingCallable>of(
                () -> model.threads(1),
                model::copy,
                () -> model.batchSizes(1),
                () -> model.training(mse(), sgd(0.1)),
                () -> model.save(file),
                () -> model.load(file),
                () -> model.export(file))) {
            assertThatThrownBy(use).isInstanceOf(IllegalStateException.class).hasMessage("the model is closed");
        }
    }

    @Test
    void samplesThatAreNoneAreTold() {
        try (Model model = Model.of(linear(2, 3), 2)) {
            assertThatThrownBy(() -> model.predict(Tensor.vector(1, 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the model takes a batch of samples N×2 with N ≥ 0 but got 2; "
                            + "a single sample is a batch of one, 1×2");
            assertThatThrownBy(() -> model.predict(Tensor.vector(1, 2, 3)))
                    .hasMessage("the model takes a batch of samples N×2 with N ≥ 0 but got 3");
            assertThatThrownBy(() -> model.predict(Tensor.labels(1, 2).reshape(1, 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the model takes floating-point samples but got integers 1×2");
        }
    }

    @Test
    void parametersOfAPartAreTakenOver() {
        Seq encoder = Seq.of(linear(2, 3)).named("encoder");
        try (Model whole = Model.of(Seq.of(encoder, linear(3, 1)), 2).seed(7);
                Model part = Model.of(encoder, 2)) {
            Map<String, Tensor> weights = whole.parameters().values();
            weights.keySet().retainAll(part.parameters().names());
            part.parameters().load(weights);
            assertThat(part.parameters().values())
                    .isEqualTo(weights)
                    .containsOnlyKeys("encoder.0.weight", "encoder.0.bias");
        }
    }

    @Test
    void aFileIsLoadedInOneLine(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("weights.safetensors");
        try (Model saved = Model.of(linear(2, 3), 2).seed(5)) {
            saved.save(file);
            try (Model model = Model.of(linear(2, 3), 2).load(file)) {
                assertThat(model.predict(X)).isEqualTo(saved.predict(X));
            }
        }
        assertThatThrownBy(() -> Model.of(linear(2, 4), 2).load(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + " does not fit the model: 'weight': expected shape 4×2 but got 3×2; "
                        + "'bias': expected shape 4 but got 3");
    }

    @Test
    void theNameOfAFileAsksForPyTorchsForm(@TempDir Path folder) throws IOException {
        try (Model saved = Model.of(linear(2, 3), 2).seed(5)) {
            for (String name : List.of("weights.pth", "weights.pt")) {
                Path file = folder.resolve(name);
                saved.save(file);
                assertThat(PyTorchFile.read(file)).isEqualTo(saved.parameters().values());
                try (Model model = Model.of(linear(2, 3), 2).load(file)) {
                    assertThat(model.predict(X)).isEqualTo(saved.predict(X));
                }
            }
            Path file = folder.resolve("texts.pth");
            assertThatThrownBy(() -> saved.save(file, Map.of("epoch", "12")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("save: " + file
                            + " would be a PyTorch file, which holds no texts; a safetensors file does");
            assertThat(file).doesNotExist();
        }
    }

    @Test
    void aFileIsLoadedInPartUnderOtherNames(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("weights.safetensors");
        Layer backbone = Seq.of(linear(2, 3).named("backbone")).named("module");
        try (Model saved = Model.of(Seq.of(backbone, linear(3, 4)), 2).seed(5);
                Model model = Model.of(
                        Seq.of(linear(2, 3).named("backbone"), linear(3, 1).named("head")), 2)) {
            saved.save(file, Map.of("epoch", "12"));
            assertThat(SafeTensors.metadata(file)).containsOnly(Map.entry("epoch", "12"));

            Map<String, Tensor> before = model.parameters().values();
            Loading renamed = Loading.strict().rename(name -> name.replace("module.", ""));
            assertThatThrownBy(() -> model.load(file, renamed))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(file + " does not fit the model: missing parameters: [head.weight, head.bias]; "
                            + "unexpected parameters: [1.weight, 1.bias]");
            assertThat(model.parameters().values()).isEqualTo(before);

            LoadReport report = model.load(file, renamed.partial());
            assertThat(report.loaded()).containsExactly("backbone.weight", "backbone.bias");
            assertThat(report.missing()).containsExactly("head.weight", "head.bias");
            assertThat(report.unexpected()).containsExactly("1.weight", "1.bias");
            assertThat(report.complete()).isFalse();
            assertThat(model.parameters().get("backbone.weight"))
                    .isEqualTo(saved.parameters().get("module.backbone.weight"));
            assertThat(model.parameters().get("head.weight")).isEqualTo(before.get("head.weight"));
        }
    }

    @Test
    void namesThatDoNotFitAreToldFromBothSides(@TempDir Path folder) throws IOException {
        Path plain = folder.resolve("plain");
        Path named = folder.resolve("named");
        Layer layer = linear(2, 3);
        Layer head = linear(2, 3).named("head");
        Model.of(layer, 2).save(plain);
        Model.of(head, 2).save(named);
        String missing = " does not fit the model: missing parameters: ";

        assertThatThrownBy(() -> Model.of(head, 2).load(plain))
                .hasMessage(plain + missing + "[head.weight, head.bias]; unexpected parameters: [weight, bias]; "
                        + "the model's names are those of the file with 'head.' in front");
        assertThatThrownBy(() -> Model.of(layer, 2).load(named))
                .hasMessage(named + missing + "[weight, bias]; unexpected parameters: [head.weight, head.bias]; "
                        + "the file's names are those of the model with 'head.' in front");
        assertThatThrownBy(() -> Model.of(Seq.of(head, linear(3, 1)), 2).load(named))
                .hasMessage(named + missing + "[1.weight, 1.bias]");
        assertThatThrownBy(() -> Model.of(
                                Seq.of(linear(2, 3).bias(false), linear(3, 1).bias(false)), 2)
                        .load(named))
                .hasMessage(named + missing + "[0.weight, 1.weight]; unexpected parameters: [head.weight, head.bias]");
        assertThatThrownBy(() -> Model.of(Layers.relu(), 2).load(plain))
                .hasMessage(plain + " does not fit the model: unexpected parameters: [weight, bias]");
    }

    @Test
    void aFolderThatDoesNotExistIsNamed(@TempDir Path folder) {
        Path file = folder.resolve("lost").resolve("x");
        String message = file + ": the folder " + file.getParent() + " does not exist";
        try (Model model = Model.of(linear(2, 3), 2)) {
            assertThatThrownBy(() -> model.save(file))
                    .isInstanceOf(IOException.class)
                    .hasMessage(message);
        }
        assertThatThrownBy(() -> new LossCurve().save(file))
                .isInstanceOf(IOException.class)
                .hasMessage(message);
    }

    @Test
    void aModelTellsWhatItIs() {
        Seq net = Seq.of(linear(2, 3), Layers.relu());
        Model model = Model.of(net, 2).threads(2);
        model.predict(X);
        long bytes = model.memory().bytes();

        assertThat(bytes).isGreaterThanOrEqualTo(9 * Float.BYTES);
        assertThat(OffHeap.bytes()).isGreaterThanOrEqualTo(bytes);
        String told = "Model of " + net + " for samples of 2: 9 parameters, 2 threads, ";
        assertThat(model).hasToString(told + String.format(Locale.ROOT, "%,d", bytes) + " bytes off the heap");
        model.close();
        assertThat(model).hasToString(told + "closed");
    }
}
