package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Initializer;
import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.Metric;
import dev.fluxion.Optimizer;
import dev.fluxion.Schedule;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What users' code may do wrong is told in one clear exception, and changes nothing. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UsersCodeTest {
    private static final Batch BATCH = new Batch(Tensor.full(0.5f, 4, 3), Tensor.full(1, 4, 2));

    private record Ruled(Update.Rule rule, double learningRate) implements Optimizer {
        @Override
        public Expr next(Expr value, Expr gradient, Update.State state) {
            return rule.next(value, gradient, state);
        }

        @Override
        public String toString() {
            return "mine()";
        }
    }

    @Test
    void rulesOfOptimizers() {
        rule("mine(): the next value must not be null", (w, g, state) -> null);
        rule(
                "mine(): the next value must have the shape and element type of the value, FLOAT 2 here, but has FLOAT scalar",
                (w, g, state) -> w.sum());
        rule("FLOAT 2 here, but has INT 2", (w, g, state) -> w.toInt());
        rule("must not be null", (w, g, state) -> w.sub(state.keep("m", m -> null)));
        rule("mine(): the change of 'm' must not be null", (w, g, state) -> w.sub(state.keep("m", null)));
        rule("mine(): a scalar must not be null", (w, g, state) -> w.sub(g.mul(state.scalar(null))));
        rule(
                "the next 'm' must have the shape",
                (w, g, state) -> w.sub(state.keep("m", m -> m.sum()).broadcastTo(w.shape())));
        rule("must be not blank", (w, g, state) -> w.sub(state.keep(" ", m -> g)));
        rule("must not be null", (w, g, state) -> w.sub(state.keep(null, m -> g)));
        rule("keeps 'm' twice", (w, g, state) -> state.keep("m", m -> g).sub(state.keep("m", m -> g)));
        rule("but uses input(x)", (w, g, state) -> w.sub(Expr.input("x", w.shape())));
        rule("but uses parameter(weight)", (w, g, state) -> w.sub(Expr.parameter("weight", w.shape())));
        rule("but uses kept", (w, g, state) -> w.sub(Expr.kept(Slot.optimizer("m", "weight"), w.shape())));
        rule("but uses uniform", (w, g, state) -> w.sub(Expr.uniform(0, w.shape())));
        rule("mine() must not require anything", (w, g, state) -> w.sub(g.require(g.gt(0), "positive")));
        Update.Rule plain = (w, g, state) -> w.sub(g);
        try (Model model = Model.of(linear(3, 2), 3)) {
            for (double rate : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
                assertThatThrownBy(() -> model.training(mse(), new Ruled(plain, rate)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContainingAll("mine()", "learning rate");
            }
        }
    }

    /** An optimizer that says what a step does. */
    private record Stepping(int batches, BinaryOperator<@Nullable List<Update>> change) implements Optimizer {
        @Override
        public double learningRate() {
            return 0.1;
        }

        @Override
        public Expr next(Expr value, Expr gradient, Update.State state) {
            return value.sub(gradient.mul(state.learningRate()));
        }

        @Override
        @SuppressWarnings("NullAway") // users' code may not be checked
        public List<Update> updates(List<Expr> parameters, List<Expr> gradients) {
            List<Update> one = Optimizer.super.updates(parameters, gradients);
            return change.apply(one, one);
        }

        @Override
        public String toString() {
            return "mine()";
        }
    }

    @Test
    void stepsOfOptimizers() {
        try (Model model = Model.of(linear(3, 2), 3)) {
            Map<String, Tensor> before = model.parameters().values();
            Map.of(
                            "mine(): the list must not be null",
                            new Stepping(1, (a, b) -> null),
                            "mine(): an update must not be null",
                            new Stepping(1, (a, b) -> Collections.singletonList(null)),
                            "mine(): a step must change each tensor once but would change parameter(weight) twice",
                            new Stepping(1, (a, b) -> List.of(a.get(0), b.get(0))),
                            "mine(): the number of batches of a step must be at least 1 but is 0",
                            new Stepping(0, (a, b) -> a))
                    .forEach((message, optimizer) -> assertThatThrownBy(
                                    () -> model.training(mse(), optimizer).step(BATCH))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage(message));
            assertThat(model.parameters().values()).isEqualTo(before);
        }
    }

    /** A schedule that becomes something behind an epoch, and counts something. */
    private record Becoming(
            @Nullable Schedule next, @Nullable Unit unit) implements Schedule {
        @Override
        public double factor(int index) {
            return 1;
        }

        @Override
        @SuppressWarnings("NullAway") // users' code may not be checked
        public Schedule after(Map<String, Double> values) {
            return next;
        }

        @Override
        @SuppressWarnings("NullAway") // users' code may not be checked
        public Unit unit() {
            return unit;
        }
    }

    @Test
    void schedules() {
        Trainer trainer = Trainer.of(mse(), sgd(0.1)).epochs(2);
        DataLoader data = DataLoader.of(Dataset.of(BATCH.inputs(), BATCH.targets()));
        try (Model model = Model.of(linear(3, 2), 3)) {
            assertThatThrownBy(() -> trainer.schedule(new Becoming(null, Schedule.Unit.EPOCH))
                            .fit(model, data))
                    .hasMessage("trainer: what the schedule becomes behind an epoch must not be null");
            Schedule unknown = new Becoming(null, null);
            assertThatThrownBy(() -> trainer.schedule(unknown).fit(model, data))
                    .hasMessageEndingWith(": the unit of the schedule must not be null");
        }
    }

    private static void rule(String message, Update.Rule rule) {
        try (Model model = Model.of(linear(3, 2), 3)) {
            Map<String, Tensor> before = model.parameters().values();
            assertThatThrownBy(() -> model.training(mse(), new Ruled(rule, 0.1)).step(BATCH))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(message);
            assertThat(model.parameters().values()).isEqualTo(before);
            model.training(mse(), sgd(0.1)).step(BATCH);
        }
    }

    @Test
    void initializers() {
        initializer("'w' failed: java.lang.ArithmeticException: no", (values, shape, random) -> {
            throw new ArithmeticException("no");
        });
        initializer("'w' failed: java.lang.ArrayIndexOutOfBounds", (values, shape, random) -> values[3] = 1);
        initializer(
                "'w', as its initializer gives it, must be finite, but element [2] is NaN",
                (values, shape, random) -> values[2] = Float.NaN);
        initializer("parameter 'w': the initializer must not be null", null);
        float[][] kept = new float[1][];
        try (Model model = Model.of(scaled((values, shape, random) -> kept[0] = values), 3)) {
            kept[0][0] = 7;
            assertThat(model.parameters().get("w")).isEqualTo(Tensor.zeros(3));
        }
    }

    private static Layer scaled(Initializer initializer) {
        return (scope, x) ->
                x.mul(scope.parameter("w", Shape.of(3), initializer).broadcastTo(x.shape()));
    }

    private static void initializer(String message, Initializer initializer) {
        assertThatThrownBy(() -> Model.of(scaled(initializer), 3).close())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void losses() {
        loss("positive", (output, target) -> output.sub(target)
                .require(output.gt(1e9), "positive")
                .sum());
        loss("the loss has shape scalar, of integers", (output, target) -> output.sum()
                .toInt());
        loss("the shape of its targets must not be null", new Shaped(null, DType.FLOAT));
        loss("the type of its targets must not be null", new Shaped(Shape.of(4, 2), null));
    }

    private record Shaped(Shape shape, DType type) implements Loss {
        @Override
        public Expr apply(Expr output, Expr target) {
            return output.sub(target).square().mean();
        }

        @Override
        public Shape targetShape(Shape output) {
            return shape;
        }

        @Override
        public DType targetType() {
            return type;
        }
    }

    private static void loss(String message, Loss loss) {
        try (Model model = Model.of(linear(3, 2), 3)) {
            Map<String, Tensor> before = model.parameters().values();
            try (Training training = model.training(loss, adam(0.1))) {
                assertThatThrownBy(() -> training.step(BATCH))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(message);
                assertThat(training.steps()).isZero();
            }
            assertThat(model.parameters().values()).isEqualTo(before);
        }
    }

    private record Failing(int size, Batch given) implements Dataset {
        @Override
        public Batch batch(int... indices) {
            return given;
        }
    }

    @Test
    void data() {
        assertThatThrownBy(() -> DataLoader.of(new Failing(-1, BATCH))).hasMessageContaining("at least one sample");
        data("what the data set gives must not be null", new Failing(4, null));
        data("asked for 2 samples, but gave 4", new Failing(4, BATCH));
        Dataset good = Dataset.of(BATCH.inputs(), BATCH.targets());
        data("what the function gives must not be null", good.map(batch -> null));
        data("made 4 of 2", good.map(batch -> BATCH));
        data("no more", good.map(batch -> {
            throw new IllegalStateException("no more");
        }));
    }

    private static void data(String message, Dataset data) {
        try (Model model = Model.of(linear(3, 2), 3)) {
            Map<String, Tensor> before = model.parameters().values();
            DataLoader loader = DataLoader.of(data).batch(2);
            assertThatThrownBy(() -> Trainer.of(mse(), sgd(0.1)).fit(model, loader))
                    .hasMessageContaining(message);
            assertThatThrownBy(() -> model.evaluate(loader, Metrics.mean(mse())))
                    .hasMessageContaining(message);
            assertThat(model.parameters().values()).isEqualTo(before);
        }
    }

    /** What a metric throws comes out as it is, what a listener throws with its name; the training is closed, and the model goes on. */
    @Test
    void metricsAndListeners() {
        Metric metric = new Metric() {
            @Override
            public String name() {
                return "mine";
            }

            @Override
            public double sum(Tensor output, Tensor target) {
                throw new ArithmeticException("mine");
            }
        };
        TrainingListener listener = new TrainingListener() {
            @Override
            public void iteration(Iteration iteration) {
                throw new ArithmeticException("mine");
            }
        };
        DataLoader loader =
                DataLoader.of(Dataset.of(BATCH.inputs(), BATCH.targets())).batch(2);
        try (Model model = Model.of(linear(3, 2), 3)) {
            Map<String, Tensor> before = model.parameters().values();
            Trainer trainer = Trainer.of(mse(), sgd(0.1));
            assertThatThrownBy(() -> model.evaluate(loader, metric)).isInstanceOf(ArithmeticException.class);
            assertThatThrownBy(() -> trainer.evaluate(loader, metric).fit(model, loader))
                    .isInstanceOf(ArithmeticException.class);
            assertThat(model.parameters().values()).isEqualTo(before);
            assertThatThrownBy(() -> trainer.listen(listener).fit(model, loader))
                    .isInstanceOf(ListenerException.class)
                    .hasMessageContaining(
                            "the listener dev.fluxion.dsl.train.UsersCodeTest$2 threw java.lang.ArithmeticException: mine at epoch 1/1,")
                    .hasCauseInstanceOf(ArithmeticException.class);
            trainer.fit(model, loader);
        }
    }

    @Test
    void aListenerThatClosesItsModelEndsTheTraining() {
        Model model = Model.of(linear(3, 2), 3);
        TrainingListener closing = new TrainingListener() {
            @Override
            public void iteration(Iteration iteration) {
                model.close();
            }
        };
        DataLoader loader =
                DataLoader.of(Dataset.of(BATCH.inputs(), BATCH.targets())).batch(2);
        assertThatThrownBy(() -> Trainer.of(mse(), sgd(0.1)).listen(closing).fit(model, loader))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void aStateIsRestoredWholeOrNotAtAll() {
        try (Model model = Model.of(linear(3, 2), 3)) {
            Training training = model.training(mse(), adam(0.1));
            training.step(BATCH);
            TrainingState state = training.state();
            Map<Slot, Tensor> kept = new LinkedHashMap<>();
            state.kept()
                    .forEach((slot, value) ->
                            kept.put(slot, Tensor.full(3, value.shape().dims())));
            Slot last = kept.keySet().stream().reduce((a, b) -> b).orElseThrow();
            kept.get(last).floats()[1] = Float.NaN;
            TrainingState broken = new TrainingState(9, 9, 9, 9, state.progress(), kept);
            assertThatThrownBy(() -> training.restore(broken)).hasMessageContaining("must be finite");
            assertThat(training.state()).isEqualTo(state);
        }
    }

    /** Another thread writes into every array that is given away: answers differ, but nothing breaks. */
    @Test
    void arraysThatChangeMeanwhile() throws InterruptedException {
        Tensor inputs = Tensor.full(1, 4, 3);
        Tensor labels = Tensor.labels(0, 1, 2, 3);
        Tensor weights = Tensor.full(1, 4, 3);
        float[] bad = {1, Float.NaN, 2, Float.POSITIVE_INFINITY, -3};
        int[] classes = {0, 3, Integer.MAX_VALUE, -1, 2};
        AtomicBoolean done = new AtomicBoolean();
        Thread mutator = new Thread(() -> {
            for (int i = 0; !done.get(); i++) {
                inputs.floats()[i % 12] = bad[i % 5];
                labels.ints()[i % 4] = classes[i % 5];
                weights.floats()[i % 12] = i % 7;
                inputs.floats()[i % 12] = 1;
                labels.ints()[i % 4] = 0;
            }
        });
        mutator.start();
        int answers = 0;
        try (Model model = Model.of(linear(3, 4), 3)) {
            Training training = model.training(Losses.crossEntropy(), adam(1e-3));
            TrainingState state = null;
            for (int i = 0; i < 3000; i++) {
                try {
                    training.step(new Batch(inputs, labels));
                    for (float x : model.predict(inputs).floats()) {
                        assertThat(x).isFinite();
                    }
                    answers++;
                } catch (IllegalArgumentException e) {
                    assertThat(e).hasMessageMatching("(?s).*(must be finite|label|class|must lie within).*");
                }
                model.parameters().set("weight", weights);
                state = training.state();
                training.restore(state);
            }
            for (Tensor value : model.parameters().values().values()) {
                for (float x : value.floats()) {
                    assertThat(x).isFinite();
                }
            }
        } finally {
            done.set(true);
            mutator.join();
        }
        assertThat(answers).isPositive();
    }
}
