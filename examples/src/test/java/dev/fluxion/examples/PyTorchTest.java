package dev.fluxion.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.data.Batch;
import dev.fluxion.data.Dataset;
import dev.fluxion.data.Mnist;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.engine.Parameters;
import dev.fluxion.examples.Reference.Net;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Training follows PyTorch's: from the same weights and batches the same losses. The bounds are those of float32 itself,
 * which a second PyTorch run in double precision, recorded beside the first, makes visible: with momentum the two part
 * after 50 steps.
 */
class PyTorchTest {
    private static final int BATCH = 64;
    private static final Map<Net, Dataset> DATA = new EnumMap<>(Net.class);

    @ParameterizedTest
    @CsvSource({
        "MNIST, sgd, 200",
        "MNIST, momentum, 50",
        "MNIST, adam, 100",
        "CIFAR, sgd, 60",
        "CIFAR, momentum, 50",
        "CIFAR, adam, 60"
    })
    void engineFollowsSinglePrecision(Net net, String optimizer, int steps) throws IOException {
        Dataset data = data(net);
        double[] expected = Reference.losses(net.file(optimizer), "float32");
        try (Model model = Model.of(net.layers, net.sample).threads(1)) {
            model.parameters().load(net.weights(shapes(model.parameters())));
            Training training = model.training(Losses.crossEntropy(), Reference.optimizer(optimizer));
            for (int step = 0; step < steps; step++) {
                int start = step * BATCH;
                Batch batch = data.batch(IntStream.range(start, start + BATCH).toArray());
                double bound = step < 50 ? 1e-4 : 1e-3;
                assertThat((double) training.step(batch))
                        .as("step %d", step)
                        .isCloseTo(expected[step], within(bound * expected[step]));
            }
        }
    }

    private static Map<String, Shape> shapes(Parameters parameters) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        parameters.names().forEach(name -> shapes.put(name, parameters.shape(name)));
        return shapes;
    }

    private static Dataset data(Net net) throws IOException {
        if (!DATA.containsKey(net)) {
            DATA.put(
                    net,
                    net == Net.MNIST
                            ? Mnist.train(folder("mnist"))
                            : CifarZip.firstImages(folder("cifar10"), 200 * BATCH));
        }
        return DATA.get(net);
    }

    private static Path folder(String name) {
        Path folder = Path.of(System.getProperty("fluxion.data", ".")).resolve(name);
        Assumptions.assumeTrue(Files.isDirectory(folder), "optional data set missing: " + name);
        return folder;
    }
}
