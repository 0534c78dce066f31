package dev.fluxion.reports;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.dsl.train.TrainingListener.Begun;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.ValueException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The weights of a model that trains, and the gradients of a batch, for which a copy of the model serves. */
final class Weights implements AutoCloseable {
    private final Model model;
    private final Model copy;
    private final Training training;
    private final Batch batch;

    private Weights(Model model, Model copy, Training training, Batch batch) {
        this.model = model;
        this.copy = copy;
        this.training = training;
        this.batch = batch;
    }

    /** Those of a training, with the first batch of its data. */
    static Weights of(Begun begun) {
        Batch batch = RunRecorder.first(begun.data());
        Model copy = begun.model().copy();
        // Nothing is updated: this optimizer has no state.
        Training training =
                begun.trainer().trained().apply(copy.training(begun.trainer().loss(), Optimizers.sgd(0)));
        return new Weights(begun.model(), copy, training, batch);
    }

    Map<String, Tensor> values() {
        return model.parameters().values();
    }

    /** The gradients of what is trained at some weights; none if the loss of the batch is not finite. */
    Map<String, Tensor> gradients(Map<String, Tensor> values) {
        copy.parameters().setWithNaN(values);
        training.zeroGrad();
        try {
            training.forward(batch);
            training.backward();
        } catch (ValueException e) {
            return Map.of();
        }
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        training.state().kept().forEach((slot, tensor) -> {
            if (slot.owner() == Slot.Owner.TRAINING) {
                gradients.put(slot.parameter(), tensor);
            }
        });
        return gradients;
    }

    @Override
    public void close() {
        training.close();
        copy.close();
    }
}
