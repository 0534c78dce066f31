package dev.fluxion.dsl.train;

import dev.fluxion.data.Batch;

/**
 * What a {@link Trainer} does with a batch, {@link Training#step} unless {@link Trainer#step} says otherwise: for gradients that are
 * looked at or changed, several losses, two trainings against each other.
 */
@FunctionalInterface
public interface TrainingStep {
    /**
     * Learns from a batch.
     *
     * @param training the training, of which the trainer keeps learning rate, checkpoints and end
     * @param batch the batch
     * @return the loss of the batch, which listeners hear and epochs average
     */
    float apply(Training training, Batch batch);
}
