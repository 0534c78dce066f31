package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.check.GradCheck;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.engine.check.NativeCheck;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.Map;
import java.util.Random;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;

/** Tensors that layers and losses hold: filters, tables, masks, weights. */
class ConstantTensorsTest {
    private static Tensor random(long seed, int... dims) {
        Tensor t = Tensor.zeros(dims);
        Random random = new Random(seed);
        for (int i = 0; i < t.size(); i++) {
            t.floats()[i] = (float) random.nextGaussian() / 4;
        }
        return t;
    }

    private static Layer by(String name, Tensor values, BinaryOperator<Expr> f) {
        return layer(name, (scope, x) -> f.apply(x, Expr.constant(values)));
    }

    private static Map<String, Layer> layers() {
        ConvSpec same = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        return Map.of(
                "filter", by("filter()", random(1, 4, 4, 3, 3), (x, w) -> x.conv(w, same)),
                "mask", by("mask()", random(2, 4, 9, 9), (x, m) -> m.gt(0).where(x, Expr.constant(0))),
                "of the batch", by("batch()", random(3, 8, 4, 9, 9), Expr::mul),
                "product",
                        by("product()", random(4, 9, 9), (x, w) -> x.reshape(
                                        x.shape().size() / 9, 9)
                                .matmul(w)
                                .reshape(x.shape())),
                "left product",
                        by("left()", random(5, 9, 9), (x, w) -> w.broadcastTo(x.shape())
                                .matmul(x)),
                "channels",
                        by("channels()", random(6, 4, 1, 1), (x, c) -> x.add(c).tanh()),
                "places",
                        by(
                                "places()",
                                Tensor.labels(8, 0, 3, 3, 1, 2, 4, 7, 5),
                                (x, i) -> x.gather(3, i.reshape(1, 1, 1, 9).broadcastTo(x.shape()))),
                "part",
                        by(
                                "part()",
                                random(7, 6, 9, 9),
                                (x, w) -> x.mul(w.slice(0, 1, 5).transposeLast())));
    }

    @Test
    void layersComputeWithThem() {
        layers().forEach((name, layer) -> {
            Seq net = Seq.of(conv(3, 4, 3).pad(1), layer, relu(), flatten(), linear(5));
            GradCheck check =
                    GradCheck.of(net, crossEntropy(), random(9, 8, 3, 9, 9), Tensor.labels(0, 1, 2, 3, 4, 0, 1, 2));
            check.directions(2).run().orThrow();
            NativeCheck.of(check).threads(2).run().orThrow();
        });
    }

    @Test
    void modelsPredictAndTrainWithThem() {
        layers().forEach((name, layer) -> {
            Seq net = Seq.of(conv(3, 4, 3).pad(1), layer, relu(), flatten(), linear(5));
            Tensor x = random(9, 8, 3, 9, 9);
            try (Model model = Model.of(net.named("net"), 3, 9, 9).threads(2)) {
                Interpreter interpreter = new Interpreter().bind("x", x.toValue());
                model.parameters().values().forEach((p, value) -> interpreter.bind(p, value.toValue()));
                double[] expected = interpreter
                        .evaluate(net.named("net").apply(Scope.root(false), Expr.input("x", x.shape())))
                        .data();
                assertThat(model.predict(x).toValue().data()).as(name).containsExactly(expected, within(1e-5));
                Training training = model.training(crossEntropy(), sgd(0.1));
                Batch batch = new Batch(x, Tensor.labels(0, 1, 2, 3, 4, 0, 1, 2));
                float first = training.step(batch);
                for (int i = 0; i < 20; i++) {
                    training.step(batch);
                }
                assertThat(training.step(batch)).as(name).isLessThan(first);
                assertThat(model.parameters().names()).as(name).hasSize(4);
            }
        });
    }

    /** Weights of positions, and −∞ for classes that cannot be. */
    @Test
    void lossesComputeWithThem() {
        Tensor weights = Tensor.of(new float[] {1, 2, 0, 3}, 4, 1);
        Loss weighted = (output, target) ->
                output.sub(target).square().mul(Expr.constant(weights)).mean();
        GradCheck.of(weighted, random(1, 4, 3), random(2, 4, 3)).run().orThrow();
        Tensor mask = Tensor.vector(0, Float.NEGATIVE_INFINITY, 0);
        Layer masked =
                by("masked()", mask, (x, m) -> x.add(m.broadcastTo(x.shape())).softmax(1));
        try (Model model = Model.of(masked, 3)) {
            Tensor p = model.predict(Tensor.of(new float[] {1, 5, 1, 2, 9, 2}, 2, 3));
            assertThat(p.floats()).containsExactly(0.5f, 0, 0.5f, 0.5f, 0, 0.5f);
        }
    }

    @Test
    void oneAloneIsAnOutput() {
        Tensor table = random(3, 2, 5);
        Layer alone = layer("alone()", (scope, x) -> Expr.constant(table));
        try (Model model = Model.of(alone, 1)) {
            assertThat(model.predict(Tensor.zeros(2, 1))).isEqualTo(table);
            assertThat(model.predict(Tensor.full(1, 2, 1))).isEqualTo(table);
        }
        assertThat(Expr.constant(table).shape()).isEqualTo(Shape.of(2, 5));
    }
}
