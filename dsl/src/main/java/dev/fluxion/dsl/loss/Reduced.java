package dev.fluxion.dsl.loss;

import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;

/** A loss with a reduction. */
interface Reduced extends MultiLoss {
    /** How the losses of single elements or samples are reduced. */
    LossReduction reduction();

    @Override
    default double sum(double value, double samples) {
        return reduction().sum(value, samples);
    }

    /** A loss of an output and a target with a reduction. */
    interface Single extends Reduced, Loss {}
}
