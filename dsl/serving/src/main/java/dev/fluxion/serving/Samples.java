package dev.fluxion.serving;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.train.Part;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Samples of a request.
 *
 * @param part what is computed
 * @param cut what the caller gets of an output, null for all of it
 */
record Samples(Part part, @Nullable BiFunction<String, Tensor, Tensor> cut) {
    /** Samples that are not padded. */
    static Samples of(Part part) {
        return new Samples(part, null);
    }

    Tensor result() {
        return cut == null ? part.result() : outputs().all().values().iterator().next();
    }

    Tensors outputs() {
        Tensors computed = part.outputs();
        if (cut == null) {
            return computed;
        }
        Map<String, Tensor> own = new LinkedHashMap<>();
        computed.all().forEach((output, tensor) -> own.put(output, cut.apply(output, tensor)));
        return new Tensors(own);
    }
}
