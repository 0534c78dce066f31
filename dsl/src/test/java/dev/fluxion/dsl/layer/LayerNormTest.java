package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.layerNorm;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.tanh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Layer normalisation is PyTorch's, as recorded by {@code record_norms.py}. */
class LayerNormTest {
    /** Gradients see the mean as float32 holds it, in PyTorch, too: here it is 5000 deviations away from 0. */
    private static final double ROUNDED_MEAN = 1e-4;

    /** PyTorch's own rounding where sums cancel. */
    private static final double DUST = 1e-12;

    private static LayerNorm layer(Recorded r) {
        return layerNorm(r.numbers("extents"))
                .eps(r.real("eps"))
                .affine(r.is("affine"))
                .bias(r.is("bias"));
    }

    @TestFactory
    Stream<DynamicTest> valuesAndGradientsAreThoseOfPyTorch() {
        return Recorded.read("layer-norm.txt").stream()
                .map(r -> DynamicTest.dynamicTest(r.name(), () -> {
                    Replay replay = new Replay(r, layer(r));
                    replay.interpret(tolerance(1e-11));
                    replay.compile(tolerance(r.name().equals("nearly equal") ? ROUNDED_MEAN : 4e-6));
                }));
    }

    private static Tolerance tolerance(double share) {
        return new Tolerance(share, name -> name.equals("dweight") ? DUST : Float.MIN_NORMAL);
    }

    /** The property names a file of further recorded cases. */
    @TestFactory
    Stream<DynamicTest> randomConfigurationsAreThoseOfPyTorch() throws IOException {
        return Recorded.more("fluxion.layerNorms")
                .map(r -> DynamicTest.dynamicTest(r.name(), () -> {
                    Replay replay = new Replay(r, layer(r));
                    replay.interpret(Tolerance.of(1e-11));
                    replay.check();
                }));
    }

    /** As far from PyTorch in double precision as PyTorch is in float32, or a little more. */
    @Test
    void aTrainingFollowsPyTorch() {
        SplitMix random = new SplitMix(7);
        try (Model model = Model.of(
                Seq.of(linear(20, 32), layerNorm(32), tanh(), linear(32, 16), layerNorm(16), relu(), linear(16, 3)),
                20)) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            for (String name : model.parameters().names()) {
                Shape shape = model.parameters().shape(name);
                float[] data = new float[shape.size()];
                for (int i = 0; i < data.length; i++) {
                    data[i] = (float) (random.next() - 0.5);
                }
                weights.put(name, Tensor.of(data, shape));
            }
            model.parameters().load(weights);
            Training training =
                    model.training(Losses.crossEntropy(), Optimizers.sgd(0.05).momentum(0.9));
            int step = 0;
            for (String line : Recorded.lines("layer-norm-run.txt")) {
                double expected = Double.parseDouble(line.split(" ", -1)[1]);
                assertThat((double) training.step(batch(random)))
                        .as("step %d", step++)
                        .isCloseTo(expected, within(2e-6));
            }
        }
    }

    private static Batch batch(SplitMix random) {
        float[] x = new float[8 * 20];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.next();
        }
        int[] labels = new int[8];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (int) (random.next() * 3);
        }
        return new Batch(Tensor.of(x, Shape.of(8, 20)), Tensor.labels(labels));
    }

    @Test
    void namesAreThoseOfAStateDict() {
        try (Model model = Model.of(
                Seq.of(
                        conv(1, 2, 1),
                        layerNorm(2, 4, 3),
                        layerNorm().bias(false).named("inner"),
                        layerNorm().affine(false),
                        flatten(),
                        linear(2)),
                1,
                4,
                3)) {
            assertThat(model.parameters().names())
                    .containsExactly("0.weight", "0.bias", "1.weight", "1.bias", "inner.weight", "5.weight", "5.bias");
            assertThat(model.parameters().shape("1.weight")).isEqualTo(Shape.of(2, 4, 3));
            assertThat(model.parameters().get("1.weight").floats()).containsOnly(1);
            assertThat(model.parameters().get("1.bias").floats()).containsOnly(0);
            assertThat(model.summary().toString()).contains("layerNorm(2, 4, 3)", "layerNorm().affine(false)");
        }
    }

    @Test
    void whatDoesNotFitIsTold() {
        assertThat(misfit(layerNorm(7), Shape.of(2, 3, 6))).isEqualTo("""
                layerNorm(7) at LayerNormTest.java: expected inputs whose last axes are 7 but got 2×3×6
                  did you mean layerNorm(6)?""");
        assertThat(misfit(layerNorm(3, 7).eps(0.1), Shape.of(2, 3, 6)))
                .endsWith("did you mean layerNorm(3, 6).eps(0.1)?");
        assertThat(misfit(layerNorm(2, 3), Shape.of(2, 3))).isEqualTo("""
                layerNorm(2, 3) at LayerNormTest.java: expected samples along the first axis and 2 more but got 2×3""");
        assertThat(misfit(layerNorm(), Shape.of(4)))
                .isEqualTo(
                        "layerNorm() at LayerNormTest.java: expected samples along the first axis and 1 more but got 4");
        assertThatThrownBy(() -> layerNorm(3, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(
                        "layerNorm\\(3, 0\\) at LayerNormTest.java:\\d+: an extent must be at least 1 but is 0");
        for (double eps : new double[] {-1e-9, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> layerNorm(3).eps(eps))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching(
                            "layerNorm\\(3\\) at LayerNormTest.java:\\d+: eps must be finite and at least 0 but is .*");
        }
    }

    private static String misfit(LayerNorm layer, Shape shape) {
        ShapeException e =
                catchThrowableOfType(ShapeException.class, () -> layer.apply(Scope.root(true), Expr.input("x", shape)));
        return e.getMessage().replaceAll("java:\\d+", "java");
    }
}
