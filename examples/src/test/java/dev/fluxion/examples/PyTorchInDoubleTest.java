package dev.fluxion.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.examples.Reference.Net;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The interpreter trains as PyTorch does in double precision: from the same weights and batches the same losses. */
class PyTorchInDoubleTest {
    private static final List<String> ALL = List.of("sgd", "momentum", "adam", "adamw", "nesterov");
    /** Of the larger net. */
    private static final List<String> SOME = List.of("momentum", "adamw");

    @ParameterizedTest
    @CsvSource({"MNIST", "CIFAR"})
    void interpreterFollowsDoublePrecision(Net net) {
        for (String optimizer : net == Net.MNIST ? ALL : SOME) {
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
}
