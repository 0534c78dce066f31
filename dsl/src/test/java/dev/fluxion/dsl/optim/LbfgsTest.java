package dev.fluxion.dsl.optim;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.tanh;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.optim.Optimizers.lbfgs;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.dsl.train.TrainingState;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.ValueException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An optimizer that evaluates a batch several times, as a user has it. */
class LbfgsTest {
    private static final Seq NET = Seq.of(linear(3, 8), tanh(), linear(8, 2));
    private static final Batch BATCH = batch();

    private static Batch batch() {
        SplittableRandom random = new SplittableRandom(1);
        float[] x = new float[30];
        float[] y = new float[20];
        for (int i = 0; i < 30; i++) {
            x[i] = (float) random.nextDouble(-1, 1);
            y[i % 20] = (float) random.nextDouble(-1, 1);
        }
        return new Batch(Tensor.of(x, 10, 3), Tensor.of(y, 10, 2));
    }

    private static Model model(int threads) {
        return Model.of(NET, 3).seed(5).threads(threads);
    }

    @Test
    void aFewStepsDoWhatThousandsOfPlainOnesDo() {
        try (Model model = model(1);
                Training training = model.training(mse(), lbfgs(1).strongWolfe(true))) {
            float first = training.step(BATCH);
            for (int i = 0; i < 14; i++) {
                training.step(BATCH);
            }
            assertThat(training.forward(BATCH)).isLessThan(first / 1000);
            assertThat(training.steps()).isEqualTo(15);
        }
    }

    @Test
    void theNumberOfThreadsChangesNoBit() {
        List<Map<String, Tensor>> found = Stream.of(1, 2, 4)
                .map(threads -> {
                    try (Model model = model(threads);
                            Training training = model.training(mse(), lbfgs(1).strongWolfe(true))) {
                        training.step(BATCH);
                        training.step(BATCH);
                        return model.parameters().values();
                    }
                })
                .toList();
        assertThat(found).allMatch(found.get(0)::equals);
    }

    @Test
    void onlyWhatIsTrainedMoves() {
        try (Model model = model(1);
                Training training = model.training(mse(), lbfgs(1)).only("2")) {
            Map<String, Tensor> before = model.parameters().values();
            training.step(BATCH);
            Map<String, Tensor> after = model.parameters().values();
            assertThat(after.get("0.weight")).isEqualTo(before.get("0.weight"));
            assertThat(after.get("2.weight")).isNotEqualTo(before.get("2.weight"));
        }
    }

    @Test
    void aStepThatFailsChangesNothing() {
        try (Model model = model(1);
                Training training = model.training(mse(), lbfgs(1).iterations(2))) {
            training.step(BATCH);
            training.learningRate(1e38);
            Map<String, Tensor> before = model.parameters().values();
            TrainingState state = training.state();
            assertThatThrownBy(() -> training.step(BATCH)).isInstanceOf(ValueException.class);
            assertThat(model.parameters().values()).isEqualTo(before);
            assertThat(training.state()).isEqualTo(state);
        }
        try (Model model = model(1);
                Training training = model.training(mse(), lbfgs(1e42).iterations(1))) {
            assertThatThrownBy(() -> training.step(BATCH))
                    .isInstanceOf(ValueException.class)
                    .hasMessageStartingWith("lbfgs(1.0E42).iterations(1) would make ")
                    .hasMessageContaining(" of an element of 0.")
                    .hasMessageEndingWith("nothing has changed. A smaller learning rate or strongWolfe(true) may help");
        }
    }

    static Stream<Optimizer> mixtures() {
        return Stream.of(
                lbfgs(1).clipNorm(1),
                lbfgs(1).group("2", 0.1),
                lbfgs(1).accumulate(2),
                lbfgs(1).average(0.9),
                lbfgs(1).noDecay("*.bias"),
                lbfgs(1).maximise(),
                adam(0.1).group("2", lbfgs(1)));
    }

    @ParameterizedTest
    @MethodSource("mixtures")
    void itIsTheOptimizerOfAWholeTraining(Optimizer mixture) {
        try (Model model = model(1)) {
            assertThatThrownBy(() -> model.training(mse(), mixture))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "lbfgs(1): it moves all parameters of a training together and evaluates the loss itself, so it has no"
                                    + " groups, clipping, noise, averages, collected batches or maximise, and is no group of another optimizer");
        }
    }

    @Test
    void updatesByHandAreRefused() {
        try (Model model = model(1);
                Training training = model.training(mse(), lbfgs(1))) {
            training.forward(BATCH);
            training.backward();
            assertThat(training.gradient("2.bias").size()).isEqualTo(2);
            assertThatThrownBy(training::update)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("update: lbfgs(1) evaluates the loss itself; call step with the batch");
        }
    }

    @Test
    void statesOfOthersAreRefused() {
        try (Model model = model(1);
                Training own = model.training(mse(), lbfgs(1));
                Training other = model.training(mse(), sgd(0.1).momentum(0.9))) {
            own.step(BATCH);
            own.step(BATCH);
            other.step(BATCH);
            TrainingState state = own.state();
            assertThatThrownBy(() -> own.restore(other.state())).hasMessageContaining("momentum_buffer");
            assertThatThrownBy(() -> other.restore(state)).hasMessageContaining("prev_flat_grad");
            Map<Slot, Tensor> some = new LinkedHashMap<>(state.kept());
            some.remove(Slot.optimizer("old_dirs_0", "2.bias"));
            TrainingState torn = new TrainingState(
                    state.steps(),
                    state.seed(),
                    state.draws(),
                    state.learningRate(),
                    state.progress(),
                    some,
                    0,
                    state.numbers());
            assertThatThrownBy(() -> own.restore(torn)).hasMessageContaining("old_dirs_0 of 2.bias");
            assertThat(own.state()).isEqualTo(state);
        }
    }

    @Test
    void aShorterHistoryForgetsWhatALongerOneKept() {
        try (Model model = model(1);
                Training longer = model.training(mse(), lbfgs(1).iterations(6));
                Training training = model.training(mse(), lbfgs(1).iterations(2).history(3))) {
            longer.step(BATCH);
            training.restore(longer.state());
            training.step(BATCH);
            assertThat(training.state().kept().keySet())
                    .contains(Slot.optimizer("old_dirs_2", "2.bias"))
                    .doesNotContain(Slot.optimizer("old_dirs_3", "2.bias"));
        }
    }

    @Test
    void numbersAreChecked() {
        assertThatThrownBy(() -> lbfgs(-1))
                .hasMessage("lbfgs: the learning rate must be finite and at least 0 but is -1");
        assertThatThrownBy(() -> lbfgs(1).history(0)).hasMessageContaining("lbfgs: history");
        assertThatThrownBy(() -> lbfgs(1).iterations(0)).hasMessageContaining("lbfgs: iterations");
        assertThatThrownBy(() -> lbfgs(1).tolerances(Double.NaN, 1)).hasMessageContaining("lbfgs: gradientTolerance");
        assertThat(lbfgs(1).iterations(8).strongWolfe(true)).hasToString("lbfgs(1).iterations(8).strongWolfe(true)");
        assertThat(lbfgs(1).iterations(8).evaluations(9).tolerances(1, 2).history(3))
                .hasToString("lbfgs(1).iterations(8).evaluations(9).tolerances(1, 2).history(3)");
    }
}
