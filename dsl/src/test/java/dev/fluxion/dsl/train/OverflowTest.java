package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.optim.Optimizers.adamW;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.ValueException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** No update makes a weight, or what is kept beside it, infinite or NaN without a word. */
class OverflowTest {
    /** The gradient of each weight is the input. */
    private static final Layer PRODUCT =
            (scope, x) -> x.mul(scope.parameter("w", Shape.of(x.shape().dim(1)), (values, shape, random) -> {})
                    .broadcastTo(x.shape()));

    private static final Loss SUM =
            (output, target) -> output.add(target.mul(0)).sum();

    private static Batch batch(float... gradients) {
        return new Batch(Tensor.of(gradients, 1, gradients.length), Tensor.zeros(1, gradients.length));
    }

    private static void refused(Training training, Model model, Batch batch, String... parts) {
        Map<String, Tensor> before = model.parameters().values();
        TrainingState state = training.state();
        assertThatThrownBy(() -> training.step(batch))
                .isInstanceOf(ValueException.class)
                .hasMessageContainingAll(parts)
                .hasMessageEndingWith("the parameters are as they were before the step");
        assertThat(model.parameters().values()).isEqualTo(before);
        assertThat(training.state().kept()).isEqualTo(state.kept());
        assertThat(training.steps()).isEqualTo(state.steps());
    }

    @Test
    void theElementAndItsNumbersAreTold() {
        try (Model model = Model.of(PRODUCT, 4)) {
            model.parameters().set("w", Tensor.of(new float[] {1, 2, 3e38f, 4}, 4));
            Training training = model.training(SUM, sgd(1e38));
            refused(
                    training,
                    model,
                    batch(0, 0, -1, 0),
                    "step 1",
                    "'w' at [2], with value 3.0E38, gradient -1.0 and learning rate 1.0E38",
                    "sub would be 3.99");
            training.learningRate(1e37);
            training.step(batch(0, 0, -1, 0));
            assertThat(model.parameters().get("w").floats()).containsExactly(1, 2, 3.1e38f, 4);
        }
    }

    /** Whether one thread or several change a weight, from a gradient that is there or from an outer product. */
    @Test
    void largeWeightsAreLookedThroughToTheLastElement() {
        int n = 300;
        float[] weights = new float[n * n];
        weights[(n - 1) * n + 7] = 3e38f;
        for (int rows = 1; rows <= 2; rows++) {
            try (Model model = Model.of(linear(n, n), n).threads(2)) {
                model.parameters().set("weight", Tensor.of(weights, n, n));
                float[] inputs = new float[rows * n];
                inputs[7] = -1;
                Batch batch = new Batch(Tensor.of(inputs, rows, n), Tensor.zeros(rows, n));
                refused(model.training(SUM, sgd(1e38)), model, batch, "'weight' at [299, 7]", "value 3.0E38");
                refused(model.training(SUM, sgd(1e38).momentum(0.9)), model, batch, "'weight' at [299, 7]");
                model.training(SUM, sgd(1e36)).step(batch);
            }
        }
    }

    @Test
    void soIsWhatOverflowsWhereItIsKept() {
        try (Model model = Model.of(PRODUCT, 2)) {
            Training training = model.training(SUM, sgd(0).momentum(0.9));
            training.step(batch(0, 3e38f));
            refused(training, model, batch(0, 3e38f), "step 2", "'w' at [1]", "momentum_buffer 3.0E38");
            refused(model.training(SUM, adam(0.1)), model, batch(1e20f, 0), "step 1", "'w' at [0]");
        }
    }

    @Test
    void accumulatedGradientsAreKeptToo() {
        try (Model model = Model.of(PRODUCT, 2)) {
            Training training = model.training(SUM, sgd(0.1));
            training.forward(batch(0, 3e38f));
            training.backward();
            training.forward(batch(0, 3e38f));
            assertThatThrownBy(training::backward)
                    .isInstanceOf(ValueException.class)
                    .hasMessageContaining("'w' at [1]");
            assertThat(training.gradient("w").floats()).containsExactly(0, 3e38f);
        }
    }

    /** Whatever the numbers: a step is refused and changes nothing, or leaves only finite numbers. */
    @Test
    void nothingBecomesInfinite() {
        List<Optimizer> optimizers = List.of(
                sgd(0.5),
                sgd(0.5).weightDecay(3),
                sgd(0.5).momentum(0.9),
                sgd(0.5).momentum(1.5),
                sgd(0.5).momentum(0.9).dampening(0.4).weightDecay(0.1),
                sgd(0.5).momentum(0.9).nesterov(true).weightDecay(10),
                adam(0.5),
                adam(0.5).weightDecay(0.1),
                adam(0.5).weightDecay(100).eps(1),
                new Growing(),
                adamW(0.5),
                adamW(0.5).weightDecay(5));
        SplittableRandom random = new SplittableRandom(1);
        Map<Boolean, Integer> outcomes = new HashMap<>();
        for (Optimizer optimizer : optimizers) {
            for (int columns : new int[] {3, 40}) {
                try (Model model = Model.of(linear(columns, 50), columns)) {
                    for (int trial = 0; trial < 6; trial++) {
                        Training training = model.training(SUM, optimizer);
                        model.parameters().set("weight", numbers(random, 50, columns));
                        for (int step = 0; step < 6; step++) {
                            int rows = 1 + step % 2;
                            Batch batch = new Batch(numbers(random, rows, columns), Tensor.zeros(rows, 50));
                            training.learningRate(Math.pow(10, random.nextInt(-3, 12)));
                            outcomes.merge(steps(model, training, batch), 1, Integer::sum);
                        }
                        training.close();
                    }
                }
            }
        }
        assertThat(outcomes.get(true)).isGreaterThan(100);
        assertThat(outcomes.get(false)).isGreaterThan(100);
    }

    private static boolean steps(Model model, Training training, Batch batch) {
        Map<String, Tensor> before = model.parameters().values();
        TrainingState state = training.state();
        try {
            training.step(batch);
        } catch (ValueException e) {
            assertThat(model.parameters().values()).isEqualTo(before);
            assertThat(training.state().kept()).isEqualTo(state.kept());
            return false;
        }
        model.parameters().values().values().forEach(OverflowTest::requireFinite);
        training.state().kept().values().forEach(OverflowTest::requireFinite);
        return true;
    }

    private static void requireFinite(Tensor values) {
        for (float x : values.floats()) {
            assertThat(x).isFinite();
        }
    }

    private static Tensor numbers(SplittableRandom random, int rows, int columns) {
        float[] values = new float[rows * columns];
        float scale = (float) Math.pow(10, random.nextInt(-5, 32));
        for (int i = 0; i < values.length; i++) {
            values[i] = scale * (float) random.nextDouble(-1, 1);
        }
        values[random.nextInt(values.length)] *= 1e4f;
        return Tensor.of(values, rows, columns);
    }

    /** A rule of which nothing is known beforehand. */
    private record Dividing() implements Optimizer {
        @Override
        public double learningRate() {
            return 0.1;
        }

        @Override
        public Expr next(Expr value, Expr gradient, Update.State state) {
            Expr all = state.keep("all", sum -> sum.add(gradient.abs()));
            return value.sub(gradient.div(all).mul(state.learningRate()));
        }

        @Override
        public String toString() {
            return "dividing()";
        }
    }

    @Test
    void aSpoiltModelSaysSoUntilAllItsWeightsAreGivenAnew() {
        for (Optimizer optimizer : List.of(new Dividing(), adam(0.1).eps(0))) {
            try (Model model = Model.of(linear(3, 2), 3)) {
                Map<String, Tensor> before = model.parameters().values();
                Training training = model.training(SUM, optimizer);
                Batch good = batch(1, 1, 1);
                Batch bad = batch(1, 0, 1);
                Batch both = new Batch(bad.inputs(), Tensor.zeros(1, 2));
                training.step(new Batch(good.inputs(), Tensor.zeros(1, 2)));
                training.close();
                Training next = model.training(SUM, optimizer);
                String message = "step 1 of " + optimizer + " has made 'weight' at [0, 1] infinite or NaN: "
                        + "the model is spoilt until all its weights are loaded or set";
                assertThatThrownBy(() -> next.step(both))
                        .isInstanceOf(ValueException.class)
                        .hasMessage(message);
                spoilt(() -> model.predict(bad.inputs()), message);
                spoilt(() -> next.step(both), message);
                spoilt(() -> model.training(SUM, sgd(0.1)).step(both), message);
                spoilt(() -> model.parameters().get("weight"), message);
                spoilt(() -> model.parameters().values(), message);
                model.parameters().set("weight", before.get("weight"));
                spoilt(() -> model.predict(bad.inputs()), message);
                model.parameters().set("bias", before.get("bias"));
                model.predict(bad.inputs());
                model.training(SUM, sgd(0.1)).step(both);
                model.parameters().load(before);
                assertThat(model.parameters().values()).isEqualTo(before);
            }
        }
    }

    /** Numbers grow by more in a step than bounds of many steps can follow. */
    private record Growing() implements Optimizer {
        @Override
        public double learningRate() {
            return 1;
        }

        @Override
        public Expr next(Expr value, Expr gradient, Update.State state) {
            return value.mul(1e4).sub(gradient.mul(state.learningRate()));
        }

        @Override
        public String toString() {
            return "growing()";
        }
    }

    @Test
    void whatGrowsFastIsLookedAtAfterEachStepSoThatTheNextIsKnownBeforehand() {
        for (int rows = 1; rows <= 2; rows++) {
            for (Optimizer optimizer : List.of(adam(0.1).weightDecay(0.1), new Growing())) {
                try (Model model = Model.of(linear(40, 50), 40)) {
                    Tensor targets = Tensor.zeros(rows, 50);
                    Training training = model.training(SUM, optimizer);
                    Tensor small = Tensor.full(1e-10f, rows, 40);
                    for (int step = 1; step < 10; step++) {
                        training.step(new Batch(small, targets));
                    }
                    boolean grows = optimizer instanceof Growing;
                    Tensor inputs = grows ? small : Tensor.full(1e20f, rows, 40);
                    refused(
                            training,
                            model,
                            new Batch(inputs, targets),
                            "training stopped at step 10",
                            "'weight' at [0, ");
                }
            }
        }
    }

    private static void spoilt(Runnable use, String message) {
        assertThatThrownBy(use::run).isInstanceOf(IllegalStateException.class).hasMessage(message);
    }
}
