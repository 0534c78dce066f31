package dev.fluxion.dsl.loss;

import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.Tensor;

/** A loss with a reduction. */
interface Reduced extends MultiLoss {
    /** How the losses of single elements or samples are reduced. */
    LossReduction reduction();

    /** A loss of an output and a target with a reduction. */
    interface Single extends Reduced, Loss {
        @Override
        default double sum(double value, Tensor target) {
            return reduction().sum(value, samples(target));
        }
    }
}
