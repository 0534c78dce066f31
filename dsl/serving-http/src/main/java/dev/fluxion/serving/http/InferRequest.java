package dev.fluxion.serving.http;

import dev.fluxion.Tensors;
import dev.fluxion.serving.Terms;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks of a model.
 *
 * @param id comes back with the answer
 * @param parameters come back with the answer
 * @param inputs the inputs by name
 * @param outputs what is wanted, in this order
 * @param terms how it is to be served
 */
record InferRequest(
        @Nullable String id, Map<String, Object> parameters, Tensors inputs, List<Wanted> outputs, Terms terms) {
    /**
     * An output that is wanted.
     *
     * @param name its name
     * @param binary whether its numbers come after the JSON
     */
    record Wanted(String name, boolean binary) {}
}
