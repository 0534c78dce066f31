package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.groupNorm;
import static dev.fluxion.dsl.layer.Layers.instanceNorm;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.rmsNorm;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.SyntheticDigits;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Normalisations in models: their names, what does not fit them, and that the number of threads changes no bit. */
class BatchNormTest {
    @Test
    void namesAreThoseOfAStateDict() {
        try (Model model = Model.of(
                Seq.of(
                        conv(1, 4, 1),
                        batchNorm(4),
                        batchNorm().affine(false).cumulative(true).named("inner"),
                        batchNorm().trackRunningStats(false),
                        groupNorm(2, 4),
                        instanceNorm(4),
                        instanceNorm().trackRunningStats(true).momentum(0.5),
                        rmsNorm(4, 3)),
                1,
                4,
                3)) {
            assertThat(model.parameters().values().keySet())
                    .containsExactly(
                            "0.weight",
                            "0.bias",
                            "1.weight",
                            "1.bias",
                            "1.running_mean",
                            "1.running_var",
                            "1.num_batches_tracked",
                            "inner.running_mean",
                            "inner.running_var",
                            "inner.num_batches_tracked",
                            "3.weight",
                            "3.bias",
                            "4.weight",
                            "4.bias",
                            "6.running_mean",
                            "6.running_var",
                            "6.num_batches_tracked",
                            "7.weight");
            assertThat(model.parameters().get("1.running_var").floats()).containsOnly(1);
            assertThat(model.parameters().get("1.running_mean").floats()).containsOnly(0);
            assertThat(model.parameters().get("1.weight").floats()).containsOnly(1);
            assertThat(model.summary().toString())
                    .contains(
                            "batchNorm(4)",
                            "batchNorm().cumulative(true).affine(false).named(\"inner\")",
                            "groupNorm(2, 4)",
                            "instanceNorm().momentum(0.5).trackRunningStats(true)",
                            "rmsNorm(4, 3)",
                            "; 27 numbers in buffers");
        }
    }

    @Test
    void aBatchOfOneValuePerChannelIsRefusedInTraining() {
        try (Model model = Model.of(Seq.of(linear(3, 4), batchNorm(), relu(), linear(4, 2)), 3)) {
            Training training = model.training(crossEntropy(), sgd(0.1));
            Batch one = new Batch(Tensor.of(new float[3], 1, 3), Tensor.labels(1));
            assertThatThrownBy(() -> training.step(one))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageMatching("(?s)batchNorm\\(\\) at BatchNormTest.java:\\d+ \\(layer 1 of the model\\): "
                            + "training needs more than one value of each channel but the batch 1×4 has one; .*");
            assertThat(model.predict(one.inputs()).shape()).isEqualTo(Shape.of(1, 2));
        }
    }

    @Test
    void whatDoesNotFitIsTold() {
        assertThat(misfit(batchNorm(7), Shape.of(2, 3, 6))).isEqualTo("""
                batchNorm(7) at BatchNormTest.java: expected 7 input channels but got 3 (input 2×3×6)
                  did you mean batchNorm(3)?""");
        assertThat(misfit(batchNorm(), Shape.of(2)))
                .isEqualTo("batchNorm() at BatchNormTest.java: expected inputs N×C or N×C×… but got 2");
        assertThat(misfit(instanceNorm(), Shape.of(2, 3)))
                .isEqualTo("instanceNorm() at BatchNormTest.java: expected inputs N×C×L or N×C×H×W but got 2×3");
        assertThat(misfit(instanceNorm(), Shape.of(2, 3, 1)))
                .isEqualTo(
                        "instanceNorm() at BatchNormTest.java: expected more than one value of each channel of a sample but got 2×3×1");
        assertThat(misfit(groupNorm(2), Shape.of(2, 3, 4)))
                .isEqualTo(
                        "groupNorm(2) at BatchNormTest.java: expected input channels in 2 equal groups but got 3 (input 2×3×4)");
        assertThat(misfit(groupNorm(2, 8), Shape.of(2, 4)))
                .endsWith("expected 8 input channels but got 4 (input 2×4)\n  did you mean groupNorm(2, 4)?");
        assertThat(misfit(rmsNorm(7), Shape.of(2, 6))).endsWith("did you mean rmsNorm(6)?");
        refused(() -> batchNorm(0), "batchNorm(0)", "the number of channels must be at least 1 but is 0");
        refused(() -> batchNorm(3).eps(-1), "batchNorm(3)", "eps must be finite and at least 0 but is -1");
        refused(() -> batchNorm(3).momentum(1.5), "batchNorm(3)", "momentum must be in [0, 1] but is 1.5");
        refused(() -> groupNorm(3, 4), "groupNorm(3, 4)", "groups must be a divisor of the 4 channels but is 3");
        refused(() -> groupNorm(0), "groupNorm(0)", "groups must be at least 1 but is 0");
        refused(() -> instanceNorm().momentum(-1), "instanceNorm()", "momentum must be in [0, 1] but is -1");
        refused(() -> rmsNorm(3, 0), "rmsNorm(3, 0)", "an extent must be at least 1 but is 0");
        refused(() -> rmsNorm().eps(Double.NaN), "rmsNorm()", "eps must be finite and at least 0 but is NaN");
    }

    private static void refused(Supplier<Layer> layer, String text, String message) {
        assertThatThrownBy(layer::get)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(text + " at BatchNormTest.java:")
                .hasMessageEndingWith(": " + message);
    }

    private static String misfit(Layer layer, Shape shape) {
        ShapeException e =
                catchThrowableOfType(ShapeException.class, () -> layer.apply(Scope.root(true), Expr.input("x", shape)));
        return e.getMessage().replaceAll("java:\\d+", "java");
    }

    /** Statistics of the batch are sums over its tiles, added up in a fixed order; both forms of training make the same ones. */
    @Test
    void theNumberOfThreadsChangesNoBit() {
        Map<String, Tensor> expected = new HashMap<>();
        for (int threads : new int[] {1, 2, 4, 8}) {
            Map<String, Tensor> values = trained(threads, true);
            expected.putAll(threads == 1 ? values : Map.of());
            assertThat(values).as("%d threads", threads).isEqualTo(expected);
        }
        assertThat(trained(2, false)).isEqualTo(expected);
    }

    private static Map<String, Tensor> trained(int threads, boolean step) {
        Seq net = Seq.of(
                conv(1, 16, 3),
                batchNorm(),
                relu(),
                conv(16, 16, 3).stride(2).bias(false),
                batchNorm(),
                relu(),
                groupNorm(4),
                instanceNorm().trackRunningStats(true),
                flatten(),
                linear(10));
        try (Model one = Model.of(net, 1, 28, 28);
                Model model = one.threads(threads)) {
            Training training = model.training(crossEntropy(), sgd(0.1).momentum(0.9));
            for (int i = 0; i < 3; i++) {
                Batch batch = SyntheticDigits.of(64, i).first(64);
                if (step) {
                    training.step(batch);
                } else {
                    training.zeroGrad();
                    training.forward(batch);
                    training.backward();
                    training.update();
                }
            }
            Map<String, Tensor> values = new HashMap<>(model.parameters().values());
            values.put(
                    "predicted",
                    model.predict(SyntheticDigits.of(64, 9).first(64).inputs()));
            return values;
        }
    }
}
