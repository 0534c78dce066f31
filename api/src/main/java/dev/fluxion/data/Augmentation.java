package dev.fluxion.data;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.Given;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A change of training samples that is drawn anew in each epoch: see {@link DataLoader#augment} and {@link Augmentations}. It draws
 * from the random numbers of a sample what it does to this sample, so that threads, batches before and a resumed training never
 * change a result.
 */
@FunctionalInterface
public interface Augmentation {
    /**
     * The changed batch, of as many samples. It must leave the given tensors as they are, and be safe for use by several threads.
     *
     * @param draws the random numbers of each sample
     */
    Batch apply(Batch batch, List<Rng> draws);

    /** This change of one of several inputs. */
    default Augmentation on(String input) {
        Given.require("on", "the name of the input", input);
        return (batch, draws) -> {
            Batch changed = apply(new Batch(Tensors.of(batch.allInputs().get(input)), batch.allTargets()), draws);
            Map<String, Tensor> inputs = new LinkedHashMap<>(batch.allInputs().all());
            inputs.put(input, changed.inputs());
            return new Batch(new Tensors(inputs), changed.allTargets());
        };
    }
}
