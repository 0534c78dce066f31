package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.*;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.io.PyTorchFile;
import dev.fluxion.io.SafeTensors;
import dev.fluxion.ir.Shape;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A file alone is loaded and does what the model did, bit for bit. */
class SavedModelTest {
    private static final Tensors RECORDED = Tensors.of("ids", Tensor.of(new int[] {1, 2, 3, 3, 2, 1}, Shape.of(2, 3)));

    @TempDir
    private Path folder;

    static List<SavedNets.Net> nets() {
        return SavedNets.ALL;
    }

    /** Weights other than the first ones, and buffers that have moved. */
    private static Model trained(SavedNets.Net net) {
        Model model = net.model();
        Map<String, Tensor> values = new LinkedHashMap<>(model.parameters().values());
        int[] number = {0};
        values.replaceAll((name, t) -> {
            Tensor moved = Tensor.of(t.floats().clone(), t.shape());
            for (int i = 0; i < moved.size(); i++) {
                moved.floats()[i] += 0.01f * (number[0]++ % 7);
            }
            return moved;
        });
        model.parameters().load(values);
        return model;
    }

    @ParameterizedTest
    @MethodSource("nets")
    void anOpenedModelPredictsTheSameBits(SavedNets.Net net) throws IOException {
        Path file = folder.resolve("net.fluxion");
        try (Model model = trained(net)) {
            model.export(file);
            try (Model opened = Model.open(file)) {
                assertThat(opened.parameters().values())
                        .isEqualTo(model.parameters().values());
                assertThat(opened.parameters().buffers())
                        .containsExactlyElementsOf(model.parameters().buffers());
                assertThat(opened.summary()).hasToString(model.summary().toString());
                assertThat(opened.toString())
                        .contains(model.network().structure().toString());
                for (int[] size : new int[][] {{1, 7}, {3, 1}, {64, 0}}) {
                    Tensors x = net.samples(size[0], size[1], size[0]);
                    assertThat(opened.predict(x)).isEqualTo(model.predict(x));
                }
                Path again = folder.resolve("again.fluxion");
                opened.export(again);
                assertThat(again).hasSameBinaryContentAs(file);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("nets")
    void anOpenedModelTrainsOnWithTheSameBits(SavedNets.Net net) throws IOException {
        Path file = folder.resolve("net.fluxion");
        try (Model model = trained(net)) {
            model.export(file);
            Tensors x = net.samples(6, 2, 1);
            Tensor y = model.predict(x).get("output");
            Batch batch = new Batch(x, Tensors.of(Tensor.of(new float[y.size()], y.shape())));
            try (Model opened = Model.open(file)) {
                for (Model each : List.of(model, opened)) {
                    try (Training training = each.training(mse(), adam(0.01))) {
                        for (int step = 0; step < 3; step++) {
                            training.step(batch);
                        }
                    }
                }
                assertThat(opened.parameters().values())
                        .isEqualTo(model.parameters().values());
            }
        }
    }

    @Test
    void weightsOfPyTorchAreWrittenWithTheStructure() throws IOException {
        Path torch = folder.resolve("net.PTH");
        Path file = folder.resolve("net.fluxion");
        SavedNets.Net net = SavedNets.ALL.get(1);
        Tensors x = net.samples(3, 0, 1);
        try (Model model = trained(net);
                Model other = net.model()) {
            model.save(torch);
            assertThat(PyTorchFile.read(torch)).isNotEmpty();
            other.load(torch).export(file);
            try (Model opened = Model.open(file)) {
                assertThat(opened.predict(x)).isEqualTo(model.predict(x));
                assertThat(opened.threads(2).predict(x)).isEqualTo(model.predict(x));
                assertThat(other.load(file).predict(x)).isEqualTo(model.predict(x));
            }
        }
    }

    private static String bits(Tensor t) {
        return t.shape() + " " + Arrays.hashCode(t.floats());
    }

    /** A program that has no layers: it prints what it predicts. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            Map<String, Tensor> x = SafeTensors.read(Path.of(arguments[1]));
            try (Model model = Model.open(Path.of(arguments[0]))) {
                x.forEach((name, tensor) -> System.out.println(bits(model.predict(tensor))));
                System.out.println(model.card().classNames());
            }
        }
    }

    /** The program that opens a file loads no class of a layer, neither the user's nor ours. */
    @Test
    void aProgramWithoutLayersOpensIt() throws IOException {
        Path file = folder.resolve("net.fluxion");
        Path inputs = folder.resolve("x.safetensors");
        SavedNets.Net net = SavedNets.ALL.get(0);
        Map<String, Tensor> x = new LinkedHashMap<>();
        for (int rows : new int[] {1, 3, 64}) {
            x.put("rows " + rows, net.samples(rows, 0, rows).only());
        }
        SafeTensors.write(inputs, x);
        List<String> expected = new ArrayList<>();
        try (Model model = trained(net)) {
            model.export(file, ModelCard.of().classNames("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
            x.values().forEach(t -> expected.add(bits(model.predict(t))));
            expected.add("[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]");
        }
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xlog:class+load:stderr",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        file.toString(),
                        inputs.toString())
                .redirectError(folder.resolve("classes.txt").toFile())
                .start();
        try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
            assertThat(lines.lines()).containsExactlyElementsOf(expected);
        }
        assertThat(Files.readString(folder.resolve("classes.txt")))
                .contains("dev.fluxion.dsl.train.Opened")
                .doesNotContain(
                        "dev.fluxion.dsl.layer.Conv", "dev.fluxion.dsl.layer.Seq", "SavedNets", "dsl.train.Asked ");
    }

    /** A file of format 1 as it was first written; later versions read it. */
    @Test
    void aRecordedFileIsRead() throws IOException, URISyntaxException {
        Path recorded = Path.of(Objects.requireNonNull(SavedModelTest.class.getResource("format-1.fluxion"))
                .toURI());
        try (Model model = Model.open(recorded)) {
            assertThat(model.card().classNames()).containsExactly("low", "high");
            assertThat(model.card().vocabulary("ids").id("b")).isEqualTo(2);
            assertThat(model.card().texts()).containsExactly(Map.entry("author", "Fluxion"));
            Tensor expected = SafeTensors.read(recorded.resolveSibling("format-1.safetensors"))
                    .get("output");
            Tensor output = model.predict(RECORDED).get("output");
            assertThat(output.shape()).isEqualTo(expected.shape());
            for (int i = 0; i < output.size(); i++) {
                assertThat(output.floats()[i]).isCloseTo(expected.floats()[i], within(1e-5f));
            }
        }
    }

    /** Writes that file into a folder. */
    static final class Recorder {
        private Recorder() {}

        public static void main(String[] arguments) throws IOException {
            Path to = Path.of(arguments[0]);
            Seq net = Seq.of(embedding(4, 3), positionalEncoding(), gru(3, 4).last(), batchNorm(4), linear(4, 2));
            List<Input> inputs = List.of(Input.ints("ids", 8).varies(0, "T"));
            try (Model model = trained(new SavedNets.Net("recorded", net, inputs, 4))) {
                model.export(
                        to.resolve("format-1.fluxion"),
                        ModelCard.of()
                                .classNames("low", "high")
                                .vocabulary("ids", new Vocabulary(List.of("", "a", "b", "c")))
                                .text("author", "Fluxion"));
                SafeTensors.write(
                        to.resolve("format-1.safetensors"),
                        model.predict(RECORDED).all());
            }
        }
    }

    /** States that are named go on without the layers, as soon as somebody says which. */
    @Test
    void statesAreCarriedWithoutLayers() throws IOException {
        SavedNets.Net net = SavedNets.ALL.get(SavedNets.ALL.size() - 1);
        Path file = folder.resolve("states.fluxion");
        try (Model model = trained(net)) {
            model.export(file);
        }
        Tensor x = Tensor.full(0.5f, 2, 4, 3);
        try (Model opened = Model.open(file);
                Session session = opened.session().carry("h0", "h")) {
            session.predict(x);
            Tensors given = Tensors.of("x", x).with("h0", session.states().get("h0"));
            assertThat(session.predict(x)).isEqualTo(opened.predict(given).get("output"));
            assertThatThrownBy(() -> opened.session().predict(x))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("input 'h0' is missing");
        }
    }
}
