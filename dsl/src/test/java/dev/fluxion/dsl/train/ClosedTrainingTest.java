package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A closed training, and the training of a closed model, refuse every use. */
class ClosedTrainingTest {
    private static final Batch BATCH = new Batch(Tensor.full(1, 4, 3), Tensor.zeros(4, 2));

    @Test
    void whatIsClosedSaysSo() {
        Model model = Model.of(linear(2), 3);
        Training training = model.training(mse(), sgd(0.01));
        training.forward(BATCH);
        training.backward();
        List<ThrowingCallable> uses = List.of(
                () -> training.step(BATCH),
                () -> training.forward(BATCH),
                training::backward,
                training::update,
                training::zeroGrad,
                training::state,
                () -> training.gradient("weight"),
                () -> training.program(4),
                training::output);
        training.close();
        training.close();
        uses.forEach(use -> assertThatThrownBy(use).hasMessage("the training is closed"));
        try (Training other = model.training(mse(), sgd(0.01))) {
            other.step(BATCH);
        }
        model.close();
        uses.forEach(use -> assertThatThrownBy(use).hasMessage("the model is closed"));
    }
}
