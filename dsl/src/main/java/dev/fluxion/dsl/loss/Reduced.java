package dev.fluxion.dsl.loss;

import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.Tensor;

/** A loss that says what becomes of the losses of single elements or samples. */
interface Reduced extends MultiLoss {
    /** What becomes of them. */
    LossReduction reduction();

    /** Such a loss of an output and a target. */
    interface Single extends Reduced, Loss {
        @Override
        default double sum(double value, Tensor target) {
            return reduction().sum(value, samples(target));
        }
    }
}
