package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.identity;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.loss.Losses.nll;
import static dev.fluxion.dsl.optim.Optimizers.adamW;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Initializers;
import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.dsl.loss.CrossEntropy;
import dev.fluxion.dsl.loss.Evaluation;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Layers that ignore their input, losses that ignore output or target, parameters that no loss reaches, no parameters. */
class UnusedTest {
    private static final Tensor X = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    private static final Batch BATCH = new Batch(X, X);
    private static final Layer TABLE =
            Layers.layer("table()", (scope, x) -> scope.parameter("row", Shape.of(2), Initializers.ones())
                    .broadcastTo(x.shape()));
    private static final Layer CONSTANT =
            Layers.layer("seven()", (scope, x) -> Expr.constant(7).broadcastTo(x.shape()));

    private static final Map<String, Layer> LAYERS = Map.of(
            "a linear layer", linear(2, 2),
            "no parameters", identity(),
            "a layer that ignores its input", TABLE,
            "a constant", CONSTANT,
            "a parameter that nobody reads",
                    Layers.layer("unread()", (scope, x) -> {
                        scope.parameter("unread", Shape.of(3), Initializers.ones());
                        return x;
                    }));

    private static Map<String, Loss> losses() {
        Map<String, Loss> losses = new LinkedHashMap<>();
        losses.put("both", mse());
        losses.put("the output", (output, target) -> output.square().mean());
        losses.put("the target", (output, target) -> target.square().mean());
        losses.put("nothing", (output, target) -> Expr.constant(3));
        losses.put(
                "nothing of it", (output, target) -> output.add(target).mul(0).sum());
        return losses;
    }

    @Test
    void whateverIsNotReadIsNotAskedFor() {
        LAYERS.forEach((layerName, layer) -> losses().forEach((lossName, loss) -> {
            try (Model model = Model.of(layer, 2)) {
                String what = layerName + ", a loss that reads " + lossName;
                double expected =
                        Evaluation.of(loss, model.predict(X), X).value().item();
                Training training = model.training(loss, sgd(0.1));
                assertThat((double) training.forward(BATCH)).as(what).isCloseTo(expected, within(1e-5));
                assertThat(training.output()).as(what).isEqualTo(model.predict(X));
                training.backward();
                for (String name : model.parameters().names()) {
                    assertThat(training.gradient(name).shape())
                            .as(what)
                            .isEqualTo(model.parameters().shape(name));
                }
                training.update();
                training.zeroGrad();
                assertThat(training.step(BATCH)).as(what).isFinite();
                assertThat(Trainer.of(loss, adamW(0.1))
                                .evaluate(DataLoader.of(Dataset.of(X, X)), Metrics.mean("loss", loss))
                                .fit(model, DataLoader.of(Dataset.of(X, X)).batch(2))
                                .history())
                        .as(what)
                        .hasSize(1);
            }
        }));
    }

    @Test
    void aModelWithoutParametersHasNoGradients() {
        try (Model model = Model.of(identity(), 2)) {
            Training training = model.training(mse(), sgd(0.1));
            assertThatThrownBy(training::update)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("there are no gradients to change the parameters by: call forward and backward first");
            assertThatThrownBy(() -> training.gradient("weight"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("there is no trained parameter 'weight'; there are []");
        }
    }

    /** What is gone back through is what the last forward left, not what a batch that was refused has overwritten. */
    @Test
    void aForwardThatFailedLeavesNothingToGoBackThrough() {
        try (Model model = Model.of(linear(2, 2), 2)) {
            Training training = model.training(mse(), sgd(0.1));
            training.forward(BATCH);
            Batch bad = new Batch(X, Tensor.full(Float.NaN, 2, 2));
            assertThatThrownBy(() -> training.forward(bad)).isInstanceOf(ValueException.class);
            assertThatThrownBy(training::backward)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("there is nothing to go back through: call forward first");
        }
    }

    @Test
    void aBatchWhoseLabelsAreAllIgnoredIsTold() {
        Batch ignored = new Batch(X, Tensor.labels(-100, -100));
        Batch weightless = new Batch(X, Tensor.labels(1, 1));
        Batch mixed = new Batch(X, Tensor.labels(1, -100));
        String hint =
                "; every label of the batch is ignored or has weight 0: with whenAllIgnored(ZERO) a loss over classes"
                        + " is 0 then, and changes nothing";
        try (Model model = Model.of(linear(2, 2), 2)) {
            Map<String, Tensor> before = model.parameters().values();
            for (Loss loss : List.of(crossEntropy(), nll(), crossEntropy().weights(1, 0))) {
                Training training = model.training(loss, sgd(0.1));
                Batch batch = loss.toString().contains("weights") ? weightless : ignored;
                assertThatThrownBy(() -> training.step(batch))
                        .isInstanceOf(ValueException.class)
                        .hasMessageContaining(": loss is NaN")
                        .hasMessageEndingWith(hint);
                assertThatThrownBy(() -> training.forward(batch)).hasMessageEndingWith(hint);
            }
            assertThat(model.parameters().values()).isEqualTo(before);
            Training zero = model.training(crossEntropy().whenAllIgnored(CrossEntropy.WhenAllIgnored.ZERO), sgd(0.1));
            assertThat(zero.step(ignored)).isZero();
            assertThat(model.parameters().values()).isEqualTo(before);
            assertThat(zero.step(mixed)).isPositive();
            assertThatThrownBy(() -> model.training(crossEntropy().weights(1, 0), sgd(0.1))
                            .step(new Batch(X, Tensor.labels(1, 2))))
                    .isInstanceOf(ValueException.class)
                    .hasMessageNotContaining("whenAllIgnored(ZERO)");
        }
    }
}
