package dev.fluxion.data;

import java.util.List;
import java.util.function.UnaryOperator;

/** A change of batches that draws nothing: for {@link Dataset#map}, and between augmentations. */
@FunctionalInterface
public interface Transform extends UnaryOperator<Batch>, Augmentation {
    @Override
    default Batch apply(Batch batch, List<Rng> draws) {
        return apply(batch);
    }
}
