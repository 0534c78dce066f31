package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.dropout;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.ir.ValueException;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models whose numbers are NaN or infinite say so, in predictions and in training. */
class NotFiniteTest {
    private static final String UNCHANGED = "the parameters are as they were before the step; ";

    private static Tensor random(int... dims) {
        Tensor t = Tensor.zeros(dims);
        Random random = new Random(1);
        for (int i = 0; i < t.size(); i++) {
            t.floats()[i] = (float) random.nextGaussian();
        }
        return t;
    }

    private static Tensor labels(int count) {
        return Tensor.labels(new int[count]);
    }

    /** Trains a step, which is refused and changes nothing. */
    private static void refused(Model model, Tensor x, String message) {
        Map<String, Tensor> before = model.parameters().values();
        Training training = model.training(Losses.crossEntropy(), Optimizers.sgd(0.1));
        Batch batch = new Batch(x, labels(x.shape().dim(0)));
        assertThatThrownBy(() -> training.step(batch))
                .isInstanceOf(ValueException.class)
                .hasMessageStartingWith("training stopped at step 1 before its update: loss is ")
                .hasMessageContaining(UNCHANGED)
                .hasMessageContaining(message);
        assertThat(model.parameters().values()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 16})
    void oneWeight(int batch) {
        try (Model model = Model.of(Seq.of(linear(96, 256), relu(), linear(256, 7)), 96)) {
            Tensor weight = model.parameters().get("0.weight");
            weight.floats()[3 * 96 + 5] = Float.NaN;
            model.parameters().setWithNaN(Map.of("0.weight", weight));
            Tensor x = random(batch, 96);
            assertThat(model.predict(x).floats()).containsOnly(Float.NaN);
            refused(model, x, UNCHANGED + "parameter '0.weight' is NaN at [3, 5]");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 16})
    void convolutionWithoutANumber(int batch) {
        Layer net = Seq.of(conv(1, 8, 3), relu(), maxPool(2), flatten(), linear(72, 4));
        try (Model model = Model.of(net, 1, 8, 8)) {
            model.parameters().setWithNaN(Map.of("0.weight", Tensor.full(Float.NaN, 8, 1, 3, 3)));
            Tensor x = random(batch, 1, 8, 8);
            assertThat(model.predict(x).floats()).containsOnly(Float.NaN);
            refused(model, x, UNCHANGED + "parameter '0.weight' is NaN at [0, 0, 0, 0]");
        }
    }

    /** The layer is named as it was written, with its line and its place in the model. */
    @Test
    void layerInWhichItArose() {
        Layer log = Layers.layer("log()", (scope, x) -> x.relu().log());
        Layer net = Seq.of(linear(4, 8), log, linear(8, 3));
        try (Model model = Model.of(net, 4)) {
            refused(model, random(5, 4), "it arose in log()");
            refused(model, random(5, 4), "(layer 1 of the model): log is -Infinity at [");
        }
    }

    @Test
    void overflow() {
        try (Model model = Model.of(Seq.of(linear(4, 8), linear(8, 3)), 4)) {
            model.parameters().setWithNaN(Map.of("0.bias", Tensor.full(3e38f, 8)));
            model.parameters().setWithNaN(Map.of("1.weight", Tensor.full(1, 3, 8)));
            refused(model, random(5, 4), "it arose in linear(8, 3) at NotFiniteTest.java:");
            refused(model, random(5, 4), "(layer 1 of the model): matmul at [0, 0] is 2.");
            assertThat(model.predict(random(5, 4)).floats()).containsOnly(Float.POSITIVE_INFINITY);
        }
    }

    /** The step is run again with the random numbers that it had: what was dropped is found. */
    @Test
    void dropoutAgain() {
        Layer log = Layers.layer("log()", (scope, x) -> x.square().log());
        try (Model model = Model.of(Seq.of(dropout(0.02), log, linear(60, 3)), 60)) {
            Training training = model.training(Losses.crossEntropy(), Optimizers.sgd(0));
            Batch batch = new Batch(random(1, 60), labels(1));
            int stopped = 0;
            for (int step = 0; step < 20; step++) {
                try {
                    training.step(batch);
                } catch (ValueException e) {
                    stopped++;
                    assertThat(e)
                            .hasMessageContaining("it arose in log()")
                            .hasMessageContaining("log is -Infinity at [0, ");
                }
            }
            assertThat(stopped).isBetween(1, 19);
        }
    }
}
