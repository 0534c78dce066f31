package dev.fluxion.dsl.optim;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adamW;
import static dev.fluxion.dsl.optim.Optimizers.muon;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.ir.Slot;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Muon in the engine, where a trajectory does not lead. */
class MuonTest {
    private static final Seq NET = Seq.of(
            conv(2, 3).named("conv"), flatten(), linear(4).named("a"), linear(3).named("b"));
    private static final Batch BATCH = new Batch(
            Tensor.of(new float[] {1, 2, -1, 3, 0, 2, 1, -2, 1, 3, 1, -1, 2, 0, -3, 1}, 1, 1, 4, 4),
            Tensor.of(new float[] {1, -1, 2}, 1, 3));

    private static Map<String, Tensor> changes(Optimizer optimizer, double rate) {
        try (Model model = Model.of(NET, 1, 4, 4).threads(1);
                Training training = model.training(mse(), optimizer)) {
            Map<String, Tensor> before = model.parameters().values();
            training.learningRate(rate);
            training.step(BATCH);
            Map<String, Tensor> after = model.parameters().values();
            after.replaceAll((name, value) -> minus(value, before.get(name)));
            return after;
        }
    }

    private static Tensor minus(Tensor a, Tensor b) {
        float[] difference = a.floats().clone();
        for (int i = 0; i < difference.length; i++) {
            difference[i] -= b.floats()[i];
        }
        return Tensor.of(difference, a.shape());
    }

    @Test
    void whatIsNoMatrixGoesToTheOtherOptimizerAtItsRate() {
        Map<String, Tensor> others = changes(sgd(0.5), 0.25);
        Map<String, Tensor> all = changes(muon(0.02).others(sgd(0.5)), 0.01);
        for (String name : all.keySet()) {
            boolean matrix = name.matches("[ab]\\.weight");
            assertThat(all.get(name).equals(others.get(name))).as(name).isEqualTo(!matrix);
        }
        Map<String, Tensor> head = changes(muon(0.02).others(sgd(0.5)).group("b", sgd(0.5)), 0.01);
        assertThat(head.get("b.weight")).isEqualTo(others.get("b.weight"));
        assertThat(head.get("a.weight")).isEqualTo(all.get("a.weight"));
    }

    @Test
    void whatItKeepsIsAMomentum() {
        try (Model model = Model.of(NET, 1, 4, 4).threads(1);
                Training training = model.training(mse(), muon(0.02).others(sgd(0.1)))) {
            assertThat(training.state().kept().keySet())
                    .containsExactlyInAnyOrder(
                            Slot.optimizer("momentum_buffer", "a.weight"),
                            Slot.optimizer("momentum_buffer", "b.weight"));
        }
    }

    /** The sum of squares of an orthogonal r×c matrix is min(r, c); that of what five iterations give is between a half and 1.5. */
    @ParameterizedTest
    @CsvSource({"1e-34, 0", "1e-4, 1", "1, 1", "1e15, 1", "3e30, 1"})
    void aStepIsAsLongWhateverTheGradient(float size, double part) {
        try (Model model = Model.of(linear(6, 4).bias(false), 6).threads(1);
                Training training = model.training(
                        (dev.fluxion.Loss)
                                (output, target) -> output.mul(target).sum(),
                        muon(1).momentum(0).weightDecay(0))) {
            model.parameters().set("weight", Tensor.zeros(4, 6));
            float[] x = new float[24];
            float[] y = new float[16];
            for (int i = 0; i < 4; i++) {
                x[7 * i] = 1;
                y[5 * i] = size;
            }
            training.step(new Batch(Tensor.of(x, 4, 6), Tensor.of(y, 4, 4)));
            double squares = 0;
            for (float w : model.parameters().get("weight").floats()) {
                squares += w * w;
            }
            assertThat(squares).isCloseTo(4 * part, within(2.5 * part + 1e-9));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void threadsChangeNoBit(int threads) {
        Stream.of(muon(0.02), muon(0.02).clipNorm(0.1).average(0.9)).forEach(optimizer -> {
            try (Model one = Model.of(Seq.of(linear(120), linear(140)), 60).threads(1);
                    Model some = Model.of(Seq.of(linear(120), linear(140)), 60).threads(threads);
                    Training first = one.training(mse(), optimizer);
                    Training second = some.training(mse(), optimizer)) {
                Batch batch = new Batch(Tensor.full(0.3f, 8, 60), Tensor.full(1, 8, 140));
                for (int i = 0; i < 2; i++) {
                    first.step(batch);
                    second.step(batch);
                }
                assertThat(second.checkpoint()).isEqualTo(first.checkpoint());
            }
        });
    }

    @Test
    void optionsThatMeanNothingAreRefused() {
        assertRefused(() -> muon(0), "muon: the learning rate must be finite and above 0 but is 0");
        assertRefused(() -> muon(1).momentum(1), "muon: momentum must be in [0, 1) but is 1");
        assertRefused(() -> muon(1).weightDecay(-1), "muon: weightDecay must be finite and at least 0 but is -1");
        assertRefused(() -> muon(1).eps(0), "muon: eps must be finite and above 0 but is 0");
        assertRefused(() -> muon(1).iterations(100), "muon: iterations must be from 1 to 99 but is 100");
        assertRefused(
                () -> muon(1).coefficients(1, Double.NaN, 1), "muon: the coefficient b must be finite but is NaN");
        assertRefused(
                () -> muon(1).others(adamW(1).accumulate(2)),
                "muon: accumulate of the optimizer of other parameters must be 1 but is 2");
        assertThat(muon(0.02).coefficients(2, -1.5, 0.5).others(sgd(0.1)))
                .hasToString("muon(0.02).coefficients(2, -1.5, 0.5).others(sgd(0.1))");
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }
}
