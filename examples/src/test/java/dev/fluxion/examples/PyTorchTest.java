package dev.fluxion.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.Dataset;
import dev.fluxion.data.Mnist;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.engine.Parameters;
import dev.fluxion.examples.Reference.Net;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Training follows PyTorch's: from the same weights and batches the same losses. The bounds are those of float32 itself,
 * which a second PyTorch run in double precision, recorded beside the first, makes visible.
 */
class PyTorchTest {
    private static final int BATCH = 64;
    private static final Map<Net, Dataset> DATA = new EnumMap<>(Net.class);

    @ParameterizedTest
    @CsvSource({"MNIST", "CIFAR"})
    void interpreterFollowsDoublePrecision(Net net) {
        for (String optimizer : List.of("sgd", "momentum", "adam", "adamw", "nesterov")) {
            double[] expected = Reference.losses(net.file("synthetic"), optimizer);
            Reference.SplitMix64 random = net.inputs();
            Shape images = Shape.of(4, net.sample[0], net.sample[1], net.sample[2]);
            Scope scope = Scope.root(true);
            Expr output = net.layers.apply(scope, Expr.input("input", images));
            Expr loss = Losses.crossEntropy().apply(output, Expr.input("target", Shape.of(4), DType.INT));
            List<Expr> parameters = scope.parameters().values().stream()
                    .map(Scope.Parameter::expr)
                    .toList();
            Update update = new Update(parameters, Gradients.of(loss, parameters), Reference.optimizer(optimizer));
            Graph graph = Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)));
            Interpreter interpreter = new Interpreter()
                    .learningRate(Reference.optimizer(optimizer).learningRate());
            Map<String, Shape> shapes = new LinkedHashMap<>();
            scope.parameters().forEach((name, p) -> shapes.put(name, p.expr().shape()));
            net.weights(shapes).forEach((name, t) -> interpreter.bind(name, t.toValue()));
            for (double value : expected) {
                Batch batch = draw(random, images);
                interpreter.bind("input", batch.inputs().toValue());
                interpreter.bind("target", batch.targets().toValue());
                double actual = interpreter.run(graph).get("loss").item();
                assertThat(actual).as(net + " " + optimizer).isCloseTo(value, within(1e-9 * value));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MNIST, sgd, 1e-4, 1e-3",
        "MNIST, momentum, 1e-4, 1e9",
        "MNIST, adam, 1e-4, 1e-3",
        "CIFAR, sgd, 1e-4, 1e-3",
        "CIFAR, momentum, 1e-4, 1e9",
        "CIFAR, adam, 1e-4, 1e-3"
    })
    void engineFollowsSinglePrecision(Net net, String optimizer, double first50, double all200) throws IOException {
        Dataset data = data(net);
        double[] expected = Reference.losses(net.file(optimizer), "float32");
        try (Model model = Model.of(net.layers, net.sample).threads(1)) {
            model.parameters().load(net.weights(shapes(model.parameters())));
            Training training = model.training(Losses.crossEntropy(), Reference.optimizer(optimizer));
            for (int step = 0; step < expected.length; step++) {
                int start = step * BATCH;
                Batch batch = data.batch(IntStream.range(start, start + BATCH).toArray());
                double bound = step < 50 ? first50 : all200;
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

    private static Batch draw(Reference.SplitMix64 random, Shape images) {
        float[] pixels = new float[images.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.next();
        }
        int[] labels = new int[images.dim(0)];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (int) (random.next() * 10);
        }
        return new Batch(Tensor.of(pixels, images), Tensor.labels(labels));
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
