package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.loss.Losses.regularised;
import static dev.fluxion.dsl.optim.Optimizers.adamW;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.check.GradCheck;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Initializers;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.engine.check.NativeCheck;
import dev.fluxion.io.SafeTensors;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.ValueException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** State that is saved with the weights, is not trained, and that a training step changes. */
class BuffersTest {
    private static final Shape ROW = Shape.of(3);
    private static final String MEAN = "0.mean";
    private static final String COUNT = "0.count";

    /** Subtracts the running mean of what it has seen in training, and scales. */
    private static final Layer CENTRED = layer("centred()", (scope, x) -> {
        Expr gain = scope.parameter("gain", Shape.scalar(), Initializers.ones());
        Expr mean = scope.buffer("mean", ROW, Initializers.constant(0.5));
        Expr count = scope.buffer("count", Shape.scalar(), Initializers.zeros());
        if (scope.training()) {
            scope.update(mean, mean.mul(0.75).add(x.mean(0).mul(0.25)));
            scope.update(count, count.add(1));
        }
        return x.sub(mean).mul(gain);
    });

    private static Model model() {
        return Model.of(Seq.of(CENTRED, linear(5), relu(), linear(2)), 3);
    }

    private static Batch batch(int seed) {
        Random random = new Random(seed);
        float[] x = new float[8 * 3];
        float[] y = new float[8 * 2];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        for (int i = 0; i < y.length; i++) {
            y[i] = (float) random.nextGaussian();
        }
        return new Batch(Tensor.of(x, 8, 3), Tensor.of(y, 8, 2));
    }

    private static float[] mean(Model model) {
        return model.parameters().get(MEAN).floats();
    }

    /** The mean after one more batch, in double precision. */
    private static double[] next(double[] mean, Batch batch) {
        double[] next = new double[3];
        for (int c = 0; c < 3; c++) {
            double sum = 0;
            for (int i = 0; i < 8; i++) {
                sum += batch.inputs().floats()[3 * i + c];
            }
            next[c] = 0.75 * mean[c] + 0.25 * sum / 8;
        }
        return next;
    }

    static Stream<List<Object>> forms() {
        return Stream.of(List.of(1, true), List.of(2, true), List.of(4, true), List.of(1, false), List.of(2, false));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aStepChangesThemAndPredictionsReadThem(List<Object> form) {
        try (Model one = model();
                Model model = one.threads((int) form.get(0))) {
            Training training = model.training(mse(), adamW(0.01).weightDecay(0.3));
            double[] expected = {0.5, 0.5, 0.5};
            for (int step = 0; step < 4; step++) {
                Batch batch = batch(step);
                if ((boolean) form.get(1)) {
                    training.step(batch);
                } else {
                    training.zeroGrad();
                    training.forward(batch);
                    training.backward();
                    training.update();
                }
                expected = next(expected, batch);
                for (int c = 0; c < 3; c++) {
                    assertThat((double) mean(model)[c]).isCloseTo(expected[c], within(1e-6));
                }
                assertThat(model.parameters().get(COUNT).item()).isEqualTo(step + 1);
                assertThat(training.steps()).isEqualTo(step + 1);
            }
            try (Model fresh = Model.of(Seq.of(CENTRED, linear(5), relu(), linear(2)), 3)) {
                fresh.parameters().load(model.parameters().values());
                assertThat(model.predict(batch(9).inputs())).isEqualTo(fresh.predict(batch(9).inputs()));
            }
        }
    }

    @Test
    void bothFormsOfTrainingGiveTheSameBits() {
        Map<String, Tensor> step;
        try (Model model = model()) {
            Training training = model.training(mse(), sgd(0.1).momentum(0.9));
            for (int i = 0; i < 3; i++) {
                training.step(batch(i));
            }
            step = model.parameters().values();
        }
        try (Model model = model()) {
            Training training = model.training(mse(), sgd(0.1).momentum(0.9));
            for (int i = 0; i < 3; i++) {
                training.zeroGrad();
                training.forward(batch(i));
                training.backward();
                training.update();
            }
            assertThat(model.parameters().values()).isEqualTo(step);
        }
    }

    /** As in PyTorch: forward changes them, whether or not there is a backward or an update. */
    @Test
    void eachForwardChangesThemOnce() {
        try (Model model = model()) {
            Training training = model.training(mse(), sgd(0.1));
            Map<String, Tensor> before = model.parameters().values();
            training.forward(batch(0));
            assertThat(model.parameters().get(COUNT).item()).isEqualTo(1);
            assertThat(training.steps()).isZero();
            training.forward(batch(1));
            Tensor predicted = model.predict(batch(1).inputs());
            training.backward();
            assertThat(model.parameters().get(COUNT).item()).isEqualTo(2);
            model.parameters()
                    .names()
                    .forEach(name -> assertThat(model.parameters().get(name)).isEqualTo(before.get(name)));
            assertThat(model.predict(batch(1).inputs())).isEqualTo(predicted);
            training.update();
            assertThat(model.parameters().get(COUNT).item()).isEqualTo(2);
            assertThat(model.parameters().get("1.weight")).isNotEqualTo(before.get("1.weight"));
        }
    }

    /** What backward needs of a buffer is what forward has read. */
    @Test
    void backwardReadsTheValueBefore() {
        Layer scaled = layer("scaled()", (scope, x) -> {
            Expr scale = scope.buffer("scale", Shape.scalar(), Initializers.ones());
            if (scope.training()) {
                scope.update(scale, scale.add(1));
            }
            return x.mul(scale);
        });
        float[] gradients = new float[2];
        try (Model model = Model.of(Seq.of(linear(3, 2), scaled), 3)) {
            Training training = model.training(mse(), sgd(0));
            for (int i = 0; i < 2; i++) {
                training.zeroGrad();
                training.forward(batch(0));
                training.backward();
                gradients[i] = training.gradient("0.bias").floats()[0];
                float output = training.output().floats()[0];
                assertThat(output).isEqualTo((i + 1) * bare(model));
            }
        }
        assertThat(gradients[0]).isNotEqualTo(gradients[1]);
    }

    private static float bare(Model model) {
        float scale = model.parameters().get("1.scale").item();
        return model.predict(batch(0).inputs()).floats()[0] / scale;
    }

    @Test
    void neitherOptimizersNorFreezingNorPenaltiesTouchThem() {
        float[] plain;
        try (Model model = model()) {
            model.training(mse(), sgd(0)).step(batch(0));
            plain = mean(model);
        }
        try (Model model = model()) {
            Training head = model.training(regularised(mse()).l2(10), adamW(1).weightDecay(0.5))
                    .only("3");
            head.step(batch(0));
            assertThat(mean(model)).isEqualTo(plain);
            assertThat(head.state().kept().keySet())
                    .noneMatch(slot -> slot.parameter().startsWith("0"));
            assertThatThrownBy(() -> head.gradient(MEAN)).hasMessageContaining("there is no trained parameter");
            assertThatThrownBy(() -> model.training(mse(), sgd(1)).only(MEAN))
                    .hasMessageContaining("there is no parameter to train in '" + MEAN);
        }
    }

    @Test
    void aStepThatFailsChangesNone() {
        try (Model model = model()) {
            Training training = model.training(mse(), sgd(0.1));
            Map<String, Tensor> before = model.parameters().values();
            Batch huge = new Batch(batch(0).inputs(), Tensor.of(filled(16, 3e38f), 8, 2));
            assertThatThrownBy(() -> training.step(huge)).isInstanceOf(ValueException.class);
            assertThat(model.parameters().values()).isEqualTo(before);
            assertThatThrownBy(() -> training.forward(huge)).isInstanceOf(ValueException.class);
            assertThat(model.parameters().values()).isEqualTo(before);
        }
    }

    @Test
    void aNextValueThatIsNotFiniteStopsTheStep() {
        Layer growing = layer("growing()", (scope, x) -> {
            Expr large = scope.buffer("large", ROW, Initializers.constant(1e30));
            if (scope.training()) {
                scope.update(large, large.mul(1e6));
            }
            return x;
        });
        try (Model model = Model.of(Seq.of(growing, linear(2)), 3)) {
            Training training = model.training(mse(), sgd(0.1));
            training.step(batch(0));
            Map<String, Tensor> before = model.parameters().values();
            assertThatThrownBy(() -> training.step(batch(0)))
                    .isInstanceOf(ValueException.class)
                    .hasMessageContaining("the next value of buffer '0.large' is Infinity")
                    .hasMessageContaining("it arose in growing() at BuffersTest.java");
            assertThat(model.parameters().values()).isEqualTo(before);
            assertThat(training.steps()).isEqualTo(1);
        }
    }

    private static float[] filled(int count, float value) {
        float[] data = new float[count];
        Arrays.fill(data, value);
        return data;
    }

    @Test
    void theyAreInTheStateDictAndNoParameters() {
        try (Model model = model()) {
            assertThat(model.parameters().names())
                    .containsExactly("0.gain", "1.weight", "1.bias", "3.weight", "3.bias");
            assertThat(model.parameters().buffers()).containsExactly(MEAN, COUNT);
            assertThat(model.parameters().values())
                    .containsOnlyKeys("0.gain", MEAN, COUNT, "1.weight", "1.bias", "3.weight", "3.bias");
            assertThat(model.parameters().shapes().keySet())
                    .containsExactlyElementsOf(model.parameters().values().keySet());
            assertThat(model.parameters().count()).isEqualTo(1 + 20 + 12);
            assertThat(model.summary().parameters()).isEqualTo(33);
            assertThat(model.summary().buffers()).isEqualTo(4);
            assertThat(model.summary().toString())
                    .endsWith("33 parameters, 132 bytes in float32; 4 numbers in buffers");
        }
    }

    @TempDir
    Path dir;

    /** A state and the weights of the same moment go on bit for bit. */
    @Test
    void theyAreSavedAndATrainingResumes() throws IOException {
        Path file = dir.resolve("weights");
        Map<String, Tensor> expected;
        TrainingState state;
        try (Model model = model()) {
            Training training = model.training(mse(), adamW(0.01));
            training.step(batch(0));
            model.save(file);
            state = training.state();
            training.step(batch(1));
            expected = model.parameters().values();
        }
        try (Model model = model()) {
            model.load(file);
            model.training(mse(), adamW(0.01)).restore(state).step(batch(1));
            assertThat(model.parameters().values()).isEqualTo(expected);
            Map<String, Tensor> without = new LinkedHashMap<>(expected);
            without.remove(MEAN);
            assertThatThrownBy(() -> model.parameters().load(without))
                    .hasMessageContaining("missing parameters: [0.mean]");
        }
    }

    /** PyTorch counts batches in an integer. */
    @Test
    void aCountOfIntegersIsLoaded() throws IOException {
        Path file = dir.resolve("weights");
        try (Model model = model()) {
            Map<String, Tensor> values = new LinkedHashMap<>(model.parameters().values());
            values.put(COUNT, Tensor.of(new int[] {1 << 24}, Shape.scalar()));
            SafeTensors.write(file, values);
            model.load(file);
            assertThat(model.parameters().get(COUNT).item()).isEqualTo(1 << 24);
            values.put(COUNT, Tensor.of(new int[] {(1 << 24) + 1}, Shape.scalar()));
            SafeTensors.write(file, values);
            assertThatThrownBy(() -> model.load(file))
                    .hasMessageContaining("'0.count' is the integer 16777217, which float32 does not hold");
            values.put(MEAN, Tensor.of(new int[3], ROW));
            SafeTensors.write(file, values);
            assertThatThrownBy(() -> model.load(file)).hasMessageContaining("'0.mean': expected FLOAT");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEngineReadsThemAsTheInterpreterDoes(boolean training) {
        Scope scope = Scope.root(training);
        Expr y = CENTRED.apply(scope, Expr.input("x", Shape.of(4, 3)));
        GradCheck check = GradCheck.of(y);
        for (String name : List.of("x", "gain", "mean")) {
            check = check.draw(name, Initializers.normal(0, 1));
        }
        check.run().orThrow();
        NativeCheck.of(check).run().orThrow();
        NativeCheck.of(GradCheck.of(CENTRED, Shape.of(4, 3))).run().orThrow();
    }

    @Test
    void wrongUpdatesAreRefused() {
        Scope scope = Scope.root(true);
        Expr x = Expr.input("x", Shape.of(4, 3));
        Expr mean = scope.buffer("mean", ROW, Initializers.zeros());
        assertThatThrownBy(() -> scope.update(mean, x))
                .isInstanceOf(ShapeException.class)
                .hasMessage("the next value of buffer 'mean': expected 3 of floats but got 4×3 of floats");
        assertThatThrownBy(() -> scope.update(mean, mean.toInt()))
                .isInstanceOf(ShapeException.class)
                .hasMessage("the next value of buffer 'mean': expected 3 of floats but got 3 of ints");
        assertThatThrownBy(() -> scope.update(x, x))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("update: expected a buffer of this model but got input(x) : 4×3");
        Expr weight = scope.parameter("weight", ROW, Initializers.zeros());
        assertThatThrownBy(() -> scope.update(weight, mean))
                .hasMessage("update: expected a buffer of this model but got parameter 'weight'");
        assertThatThrownBy(() -> scope.update(Expr.buffer("mean", ROW), mean))
                .hasMessage("update: expected a buffer of this model but got buffer 'mean'");
        scope.update(mean, mean.add(1));
        assertThatThrownBy(() -> scope.update(mean, mean))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("buffer 'mean' is updated twice in one step");
        assertThatThrownBy(() -> scope.parameter("mean", ROW, Initializers.zeros()))
                .hasMessageStartingWith("parameter 'mean' is declared twice");
        assertThatThrownBy(() -> scope.buffer("weight", ROW, Initializers.zeros()))
                .hasMessageStartingWith("buffer 'weight' is declared twice");
        Scope inference = Scope.root(false);
        Expr other = inference.child("1").buffer("mean", ROW, Initializers.zeros());
        assertThatThrownBy(() -> inference.update(other, other))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("buffer '1.mean' is updated outside of training; ask scope.training() first");
    }
}
