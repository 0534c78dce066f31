package dev.fluxion.dsl.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A MobileNetV2 of half the width, and a U-Net with a class for each place, train as in PyTorch, as recorded by {@code record_vision.py}. */
class VisionRunsTest {
    @Test
    void aMobileNet() throws IOException {
        Layer net = VisionNets.mobileNet(0.5, 8, VisionNets.MOBILE, 1280, 10);
        follow("MobileNetV2", net, Shape.of(8, 3, 64, 64), Shape.of(8), 10, 0.00003);
    }

    @Test
    void aUNet() throws IOException {
        follow("UNet", VisionNets.unet(8, 4), Shape.of(4, 3, 32, 32), Shape.of(4, 32, 32), 4, 0.1);
    }

    /** Requires losses within twice of what PyTorch's own runs differ by. */
    private static void follow(String name, Layer net, Shape images, Shape labels, int classes, double rate)
            throws IOException {
        SplitMix random = new SplitMix(23);
        try (Model model = Model.of(net, images.without(0).dims())) {
            for (String parameter : new TreeSet<>(model.parameters().names())) {
                Shape shape = model.parameters().shape(parameter);
                if (shape.rank() > 1) {
                    double bound = Math.sqrt(6.0 / (shape.size() / shape.dim(0)));
                    model.parameters().set(parameter, random.tensor(shape, u -> (u * 2 - 1) * bound));
                } else if (parameter.endsWith("bias")) {
                    model.parameters().set(parameter, Tensor.of(new float[shape.size()], shape));
                }
            }
            Tensor x = random.tensor(images, u -> u);
            Batch batch = new Batch(x, Tensor.of(random.ints(labels.size(), 0, classes), labels));
            Training training =
                    model.training(Losses.crossEntropy(), Optimizers.sgd(rate).momentum(0.9));
            List<double[]> recorded = recorded(name);
            assertThat(recorded).hasSize(12);
            for (int step = 0; step < recorded.size(); step++) {
                double[] loss = recorded.get(step);
                assertThat((double) training.step(batch))
                        .as("step %d", step)
                        .isCloseTo(loss[0], within(Math.max(1e-4, 2 * loss[1])));
            }
        }
    }

    private static List<double[]> recorded(String net) throws IOException {
        try (InputStream in = Objects.requireNonNull(VisionRunsTest.class.getResourceAsStream("vision-runs.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .map(line -> line.split(" ", -1))
                    .filter(words -> words[0].equals(net))
                    .map(words -> new double[] {Double.parseDouble(words[1]), Double.parseDouble(words[2])})
                    .toList();
        }
    }
}
