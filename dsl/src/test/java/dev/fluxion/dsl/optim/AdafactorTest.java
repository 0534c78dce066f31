package dev.fluxion.dsl.optim;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adafactor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Loss;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.ValueException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adafactor in the engine, where a trajectory does not lead. */
class AdafactorTest {
    private static final Loss PRODUCT = (output, target) -> output.mul(target).sum();

    private static Batch batch(float gradient) {
        return new Batch(Tensor.full(1, 1, 5), Tensor.full(gradient, 1, 3));
    }

    private static Model model() {
        Model model = Model.of(linear(5, 3).bias(false), 5).threads(1);
        model.parameters().set("weight", Tensor.full(0.5f, 3, 5));
        return model;
    }

    /** Alike gradients have u = 1, so that weights of 0.5 change by 0.01·0.5; one below ε₁ is divided by it. */
    @ParameterizedTest
    @ValueSource(floats = {0, 1e-30f, 1e-3f, 1, 1e6f, 1e15f})
    void aStepIsAsLongWhateverTheGradient(float gradient) {
        try (Model model = model();
                Training training = model.training(PRODUCT, adafactor(0.01))) {
            training.step(batch(gradient));
            float part = gradient > 1e-20f ? 1 : 0;
            assertThat(model.parameters().get("weight").floats()[7]).isCloseTo(0.5f - 0.005f * part, within(1e-6f));
        }
    }

    @Test
    void aGradientWhoseSquareIsTooLargeIsRefusedAndNothingChanges() {
        try (Model model = model();
                Training training = model.training(PRODUCT, adafactor(0.01))) {
            Map<String, Tensor> before = model.parameters().values();
            assertThatThrownBy(() -> training.step(batch(1e20f)))
                    .isInstanceOf(ValueException.class)
                    .hasMessageContaining("weight");
            assertThat(model.parameters().values()).isEqualTo(before);
            assertThat(training.steps()).isZero();
        }
    }

    @Test
    void aMatrixHasOneTensorAndAVectorTwo() {
        try (Model model = Model.of(linear(5, 3), 5).threads(1);
                Training training = model.training(mse(), adafactor(0.01))) {
            assertThat(training.state().kept().keySet())
                    .containsExactlyInAnyOrder(
                            Slot.optimizer("factors_0", "weight"),
                            Slot.optimizer("factors_0", "bias"),
                            Slot.optimizer("factors_1", "bias"));
        }
    }
}
