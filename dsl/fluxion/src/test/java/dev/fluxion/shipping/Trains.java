package dev.fluxion.shipping;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.sgd;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;

/** Trains two steps and predicts, and prints whether the loss fell. */
public final class Trains {
    private Trains() {}

    public static void main(String[] args) {
        Batch batch = new Batch(
                Tensor.vector(1, 2, 3, 4).reshape(1, 4), Tensor.vector(1, 2).reshape(1, 2));
        try (Model model = Model.of(linear(4, 2), 4);
                Training training = model.training(mse(), sgd(0.01))) {
            float before = training.step(batch);
            boolean fell = training.step(batch) < before;
            System.out.println(fell && model.predict(batch.inputs()).shape().size() == 2 ? "trained" : "failed");
        }
    }
}
