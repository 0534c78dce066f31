package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.dropout;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.mse;
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
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.optim.Schedules;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Everything that a training changes beside the weights belongs to the training. */
class TrainingStateTest {
    private static final Batch NOTHING = new Batch(Tensor.full(0, 1, 1), Tensor.full(0, 1, 2));
    private static final Loss BOWL = (output, target) -> {
        Expr w0 = output.slice(1, 0, 1);
        Expr w1 = output.slice(1, 1, 2);
        return w0.square()
                .add(w1.square().mul(3))
                .add(w0.mul(w1))
                .sum()
                .add(target.sum().mul(0));
    };

    /** Two weights, whatever comes in: (1, −2) at first. */
    private static Model bowl() {
        Layer weights = layer("weights", (scope, x) -> {
            Expr w0 = scope.parameter("w0", Shape.of(1, 1), (values, shape, random) -> values[0] = 1);
            Expr w1 = scope.parameter("w1", Shape.of(1, 1), (values, shape, random) -> values[0] = -2);
            return Expr.concat(1, List.of(w0, w1)).add(x.sum().mul(0));
        });
        return Model.of(weights, 1);
    }

    private static float[] weights(Model model) {
        return new float[] {
            model.parameters().get("w0").item(), model.parameters().get("w1").item()
        };
    }

    private static void steps(Model model, Optimizer optimizer, int count) {
        try (Training training = model.training(BOWL, optimizer)) {
            for (int i = 0; i < count; i++) {
                training.step(NOTHING);
            }
        }
    }

    private static void at(Model model, double w0, double w1) {
        float[] w = weights(model);
        assertThat((double) w[0]).isCloseTo(w0, Offset.offset(6e-5));
        assertThat((double) w[1]).isCloseTo(w1, Offset.offset(6e-5));
    }

    @Test
    void aNewAdamBeginsAtItsFirstStep() {
        Loss far = (output, target) ->
                output.sub(1000).square().sum().add(target.sum().mul(0));
        Layer weight = layer("weight", (scope, x) -> scope.parameter("w", Shape.of(1, 1), (v, s, r) -> v[0] = 0)
                .add(x.mul(0)));
        try (Model model = Model.of(weight, 1)) {
            Batch batch = new Batch(Tensor.full(0, 1, 1), Tensor.full(0, 1, 1));
            try (Training still = model.training(far, sgd(0))) {
                for (int i = 0; i < 1000; i++) {
                    still.step(batch);
                }
            }
            try (Training training = model.training(far, adam(0.1))) {
                training.step(batch);
                assertThat(model.parameters().get("w").item()).isCloseTo(0.1f, Offset.offset(1e-6f));
                for (int i = 1; i < 50; i++) {
                    training.step(batch);
                }
            }
            assertThat(model.parameters().get("w").item()).isCloseTo(4.997f, Offset.offset(1e-3f));
        }
    }

    @Test
    void aNewTrainingHasItsOwnMoments() {
        try (Model model = bowl()) {
            steps(model, sgd(0.001), 100);
            steps(model, adam(0.01), 20);
            at(model, 0.7615, -0.9719);
        }
        try (Model model = bowl()) {
            steps(model, sgd(0.01).momentum(0.9), 10);
            steps(model, sgd(0.01).momentum(0.9), 1);
            at(model, 0.6815, 0.5851);
        }
    }

    @Test
    void aSecondFitBeginsAnew() {
        DataLoader one = DataLoader.of(Dataset.of(NOTHING.inputs(), NOTHING.targets()));
        try (Model model = bowl()) {
            Trainer trainer = Trainer.of(BOWL, adam(0.01));
            trainer.epochs(10).fit(model, one);
            trainer.epochs(1).fit(model, one);
            at(model, 0.94012, -1.89017);
        }
    }

    @Test
    void trainingsInTurnsDoNotMeet() {
        try (Model model = bowl();
                Training first = model.training(BOWL, adam(0.01)).only("w0");
                Training second = model.training(BOWL, adam(0.01)).only("w1")) {
            for (int i = 0; i < 5; i++) {
                first.step(NOTHING);
                second.step(NOTHING);
            }
            at(model, 0.97496, -1.95002);
        }
    }

    /** An optimizer may name what it keeps as it likes. */
    @Test
    void anOptimizersNamesAreItsOwn() {
        Optimizer plain = momentum("velocity");
        for (String name : List.of("grad", "gradient", "#", "value")) {
            float[][] weights = new float[2][];
            Optimizer[] rules = {plain, momentum(name)};
            for (int i = 0; i < 2; i++) {
                try (Model model = bowl();
                        Training training = model.training(BOWL, rules[i])) {
                    for (int step = 0; step < 3; step++) {
                        training.zeroGrad();
                        training.forward(NOTHING);
                        training.backward();
                        training.update();
                        training.step(NOTHING);
                    }
                    weights[i] = weights(model);
                }
            }
            assertThat(weights[1]).as(name).isEqualTo(weights[0]);
        }
    }

    private static Optimizer momentum(String name) {
        return optimizer((value, g, state) ->
                value.sub(state.keep(name, v -> v.mul(0.9).add(g)).mul(state.learningRate())));
    }

    private static Optimizer optimizer(Update.Rule rule) {
        return new Optimizer() {
            @Override
            public double learningRate() {
                return 0.01;
            }

            @Override
            public Expr next(Expr value, Expr gradient, Update.State state) {
                return rule.next(value, gradient, state);
            }
        };
    }

    @Test
    void whatIsKeptHasOneNameEach() {
        Optimizer twice = optimizer(
                (value, g, state) -> value.sub(state.keep("m", m -> m.add(g)).add(state.keep("m", m -> m.sub(g)))));
        try (Model model = bowl()) {
            assertThatThrownBy(() -> model.training(BOWL, twice))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "the rule of an update keeps 'm' twice: each tensor that it keeps needs a name of its own");
        }
    }

    private static final Seq DROPPING = Seq.of(linear(3, 16), relu(), dropout(0.5), linear(16, 2));

    private static Batch batch(int number) {
        SplittableRandom random = new SplittableRandom(number);
        float[] x = new float[12];
        float[] y = new float[8];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextDouble(-1, 1);
        }
        for (int i = 0; i < y.length; i++) {
            y[i] = (float) random.nextDouble(-1, 1);
        }
        return new Batch(Tensor.of(x, 4, 3), Tensor.of(y, 4, 2));
    }

    private static Map<String, Tensor> copy(Model model) {
        return model.parameters().values();
    }

    @Test
    void stoppingAndGoingOnChangesNoBit() {
        for (Optimizer optimizer : List.of(adam(0.01), sgd(0.05).momentum(0.9), adamW(0.01))) {
            try (Model whole = Model.of(DROPPING, 3);
                    Model before = Model.of(DROPPING, 3);
                    Model after = Model.of(DROPPING, 3).seed(9)) {
                List<Float> losses = new ArrayList<>();
                try (Training training = whole.training(mse(), optimizer)) {
                    training.learningRate(0.02);
                    for (int i = 0; i < 6; i++) {
                        losses.add(training.step(batch(i)));
                    }
                }
                TrainingState state;
                try (Training training = before.training(mse(), optimizer)) {
                    training.learningRate(0.02);
                    for (int i = 0; i < 3; i++) {
                        assertThat(training.step(batch(i))).isEqualTo(losses.get(i));
                    }
                    state = training.state();
                    training.step(batch(17));
                }
                after.parameters().load(copyAt(optimizer));
                try (Training training = after.training(mse(), optimizer).restore(state)) {
                    assertThat(training.steps()).isEqualTo(3);
                    assertThat(training.state()).isEqualTo(state);
                    for (int i = 3; i < 6; i++) {
                        assertThat(training.step(batch(i))).isEqualTo(losses.get(i));
                    }
                }
                assertThat(copy(after)).isEqualTo(copy(whole));
            }
        }
    }

    /** The weights after three steps of a training of its own. */
    private static Map<String, Tensor> copyAt(Optimizer optimizer) {
        try (Model model = Model.of(DROPPING, 3);
                Training training = model.training(mse(), optimizer)) {
            training.learningRate(0.02);
            for (int i = 0; i < 3; i++) {
                training.step(batch(i));
            }
            return copy(model);
        }
    }

    /** With more batches collected than make a step, their sum would be divided by too little. */
    @Test
    void aStateIsInTheMiddleOfAStep() {
        try (Model model = Model.of(DROPPING, 3);
                Training four = model.training(mse(), sgd(0.1).accumulate(4));
                Training three = model.training(mse(), sgd(0.1).accumulate(3));
                Training five = model.training(mse(), sgd(0.1).accumulate(5))) {
            for (int i = 0; i < 3; i++) {
                four.step(batch(i));
            }
            TrainingState state = four.state();
            assertThatThrownBy(() -> three.restore(state))
                    .hasMessage("restore: the number of collected batches must be less than the 3 of a step of "
                            + "sgd(0.1).accumulate(3) but is 3");
            assertThat(three.steps()).isZero();
            five.restore(state).step(batch(3));
            assertThat(five.steps()).isZero();
            five.step(batch(4));
            assertThat(five.steps()).isOne();
        }
    }

    @Test
    void accumulatedGradientsGoOnToo() {
        try (Model whole = Model.of(DROPPING, 3);
                Model after = Model.of(DROPPING, 3);
                Training first = whole.training(mse(), adam(0.01));
                Training second = after.training(mse(), adam(0.01))) {
            first.forward(batch(0));
            first.backward();
            second.restore(first.state());
            assertThat(second.gradient("0.weight")).isEqualTo(first.gradient("0.weight"));
            for (Training training : List.of(first, second)) {
                training.forward(batch(1));
                training.backward();
                training.update();
            }
            assertThat(copy(after)).isEqualTo(copy(whole));
        }
    }

    @Test
    void aTrainerResumesInTheMiddleOfAnEpoch() {
        Dataset data = Dataset.of(all(Batch::inputs, 3), all(Batch::targets, 2));
        DataLoader loader = DataLoader.of(data).batch(4).shuffle(3);
        Trainer trainer = Trainer.of(mse(), adam(0.01)).epochs(3).schedule(Schedules.step(1, 0.5));
        try (Model whole = Model.of(DROPPING, 3);
                Model after = Model.of(DROPPING, 3)) {
            List<Checkpoint> states = new ArrayList<>();
            Outcome outcome = trainer.listen(new TrainingListener() {
                        @Override
                        public void iteration(Iteration iteration, Training training) {
                            states.add(training.checkpoint());
                        }

                        @Override
                        public void epoch(Epoch epoch, Training training) {
                            states.add(training.checkpoint());
                        }
                    })
                    .fit(whole, loader);
            assertThat(states).hasSize(3 * (5 + 1));
            for (int i = 0; i < states.size(); i++) {
                List<TrainingListener.Epoch> rest =
                        trainer.resume(states.get(i)).fit(after, loader).history();
                assertThat(copy(after)).as("from state %d", i).isEqualTo(copy(whole));
                assertThat(rest.stream().map(TrainingListener.Epoch::loss).toList())
                        .isEqualTo(outcome.history().stream()
                                .skip(3 - rest.size())
                                .map(TrainingListener.Epoch::loss)
                                .toList());
            }
        }
    }

    private static Tensor all(Function<Batch, Tensor> part, int width) {
        float[] all = new float[20 * width];
        for (int i = 0; i < 5; i++) {
            float[] some = part.apply(batch(i)).floats();
            System.arraycopy(some, 0, all, i * some.length, some.length);
        }
        return Tensor.of(all, 20, width);
    }

    @Test
    void whatDoesNotFitIsTold() {
        try (Model model = bowl();
                Training sgd = model.training(BOWL, sgd(0.01).momentum(0.9));
                Training adam = model.training(BOWL, adam(0.01))) {
            sgd.step(NOTHING);
            TrainingState state = sgd.state();
            assertThatThrownBy(() -> adam.restore(state))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "the state does not fit this training, which keeps [exp_avg, exp_avg_sq], while the state has"
                                    + " [momentum_buffer]; missing: exp_avg of w0, exp_avg of w1, exp_avg_sq of w0, exp_avg_sq of w1;"
                                    + " unexpected: momentum_buffer of w0, momentum_buffer of w1");
            assertThat(adam.steps()).isZero();
            assertThatThrownBy(() -> sgd.restore(new TrainingState(
                            1,
                            0,
                            0,
                            0.01,
                            state.progress(),
                            Map.of(
                                    Slot.optimizer("momentum_buffer", "w0"),
                                    Tensor.full(1, 3),
                                    Slot.optimizer("momentum_buffer", "w1"),
                                    Tensor.full(1, 1, 1)))))
                    .hasMessageContaining("momentum_buffer of w0 has the shape 3, expected 1×1");
        }
    }

    @Test
    void whatIsKeptIsThere() {
        Map<Slot, Tensor> kept = new HashMap<>();
        kept.put(Slot.optimizer("momentum_buffer", "w0"), null);
        assertThatThrownBy(() -> new TrainingState(0, 0, 0, 0.1, TrainingState.Progress.at(0), kept))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("state: momentum_buffer of w0 must not be null");
    }
}
