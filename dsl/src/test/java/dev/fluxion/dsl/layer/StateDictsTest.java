package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.gelu;
import static dev.fluxion.dsl.layer.Layers.globalAvgPool;
import static dev.fluxion.dsl.layer.Layers.inline;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.lstm;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.residual;
import static dev.fluxion.dsl.layer.Layers.transformerEncoderLayer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.io.PyTorchFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** State dicts that PyTorch saved, by {@code record_state_dicts.py}, load as they are, and the nets predict what PyTorch's do. */
class StateDictsTest {
    @TempDir
    Path folder;

    /** A block of torchvision's ResNet. */
    private static Layer block(int in, int out) {
        int stride = out / in;
        Residual sum = residual(inline(Seq.of(
                conv(in, out, 3).stride(stride).pad(1).bias(false).named("conv1"),
                batchNorm(out).named("bn1"),
                relu(),
                conv(out, out, 3).pad(1).bias(false).named("conv2"),
                batchNorm(out).named("bn2"))));
        Seq downsample = Seq.of(conv(in, out, 1).stride(stride).bias(false), batchNorm(out));
        return Seq.of(inline(in == out ? sum : sum.shortcut(downsample.named("downsample"))), relu());
    }

    private static Seq resnet18(int w, int classes) {
        return Seq.of(
                conv(3, w, 7).stride(2).pad(3).bias(false).named("conv1"),
                batchNorm(w).named("bn1"),
                relu(),
                maxPool(3).stride(2).pad(1),
                Seq.of(block(w, w), block(w, w)).named("layer1"),
                Seq.of(block(w, 2 * w), block(2 * w, 2 * w)).named("layer2"),
                Seq.of(block(2 * w, 4 * w), block(4 * w, 4 * w)).named("layer3"),
                Seq.of(block(4 * w, 8 * w), block(8 * w, 8 * w)).named("layer4"),
                globalAvgPool(),
                linear(8 * w, classes).named("fc"));
    }

    @Test
    void aResNetOfTorchvision() throws IOException {
        assertSame(Model.of(resnet18(2, 10), 3, 32, 32), "x", "resnet18");
    }

    @Test
    void aMobileNetOfTorchvision() throws IOException {
        int[][] stages = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 2, 2}, {6, 64, 1, 1}};
        assertSame(Model.of(VisionNets.mobileNet(0.1, 2, stages, 24, 10), 3, 32, 32), "x", "mobilenet_v2");
    }

    @Test
    void anEfficientNetOfTorchvision() throws IOException {
        int[][] stages = {{1, 3, 1, 32, 16, 1}, {6, 3, 2, 16, 24, 2}, {6, 5, 2, 24, 40, 1}, {6, 5, 1, 40, 80, 1}};
        assertSame(Model.of(VisionNets.efficientNet(0.1, stages, 24, 10), 3, 32, 32), "x", "efficientnet_b0");
    }

    @Test
    void aVisionTransformerOfTorchvision() throws IOException {
        assertSame(Model.of(VisionNets.visionTransformer(16, 4, 2, 2, 16, 32, 10), 3, 16, 16), "x", "vit_tiny");
    }

    /** The folder that {@code record_state_dicts.py --whole} wrote. */
    @ParameterizedTest
    @ValueSource(strings = {"resnet18", "mobilenet_v2", "efficientnet_b0", "vit_tiny"})
    void theWholeNetsOfTorchvision(String name) throws IOException {
        Path given = Path.of(System.getProperty("fluxion.torchvision", "torchvision"));
        Assumptions.assumeTrue(Files.isDirectory(given), "optional data set missing: " + given);
        Layer net =
                switch (name) {
                    case "resnet18" -> resnet18(64, 1000);
                    case "mobilenet_v2" -> VisionNets.mobileNet(1, 8, VisionNets.MOBILE, 1280, 1000);
                    case "efficientnet_b0" -> VisionNets.efficientNet(1, VisionNets.EFFICIENT, 1280, 1000);
                    default -> VisionNets.visionTransformer(224, 16, 12, 3, 192, 768, 1000);
                };
        assertSame(Model.of(net, 3, 224, 224), "x", given.resolve(name + ".pth"), given.resolve(name + ".run.pth"));
    }

    @Test
    void anLstm() throws IOException {
        Seq net = Seq.of(
                embedding(12, 6).named("embedding"),
                lstm(6, 8).layers(2).bidirectional().named("lstm"),
                linear(16, 5).named("fc"));
        assertSame(Model.of(net, Input.ints("ids", 7)), "ids", "lstm");
    }

    @Test
    void aTransformerEncoder() throws IOException {
        Layer layer = transformerEncoderLayer(16, 4).feedForward(32).activation(gelu());
        Seq net = Seq.of(
                embedding(12, 16).named("embedding"),
                Seq.of(Seq.of(layer, layer).named("layers")).named("encoder"),
                linear(16, 5).named("fc"));
        assertSame(Model.of(net, Input.ints("ids", 7)), "ids", "transformer");
    }

    private void assertSame(Model model, String input, String net) throws IOException {
        assertSame(model, input, resource(net + ".pth"), resource(net + ".run.pth"));
    }

    private static void assertSame(Model model, String input, Path dict, Path run) throws IOException {
        Map<String, Tensor> recorded = PyTorchFile.read(run);
        Tensor expected = Objects.requireNonNull(recorded.get("output"));
        try (model) {
            Tensor actual = model.load(dict).predict(Objects.requireNonNull(recorded.get(input)));
            assertThat(actual.shape()).isEqualTo(expected.shape());
            float largest = 0;
            for (float each : expected.floats()) {
                largest = Math.max(largest, Math.abs(each));
            }
            assertThat(actual.floats()).containsExactly(expected.floats(), within(1e-5f * largest));
        }
    }

    private Path resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(StateDictsTest.class.getResourceAsStream(name))) {
            Path file = folder.resolve(name);
            Files.copy(in, file);
            return file;
        }
    }
}
