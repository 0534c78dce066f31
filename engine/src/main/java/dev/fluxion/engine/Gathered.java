package dev.fluxion.engine;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Layout;
import java.util.List;
import java.util.stream.Stream;

/**
 * Room for the gradients that an update gathers, in the order of their parameters, without those that it does not: where
 * parameters are neighbours, so are their gradients.
 *
 * @param parameters the parameters of the model
 * @param names those whose gradients are gathered
 * @param room where
 */
record Gathered(Parameters parameters, List<String> names, Buffer room) {
    static Gathered of(Parameters parameters, List<String> names) {
        return new Gathered(parameters, names, Buffer.room("gradients", () -> bytes(parameters, names.stream())));
    }

    /** The gradient of a parameter. */
    Buffer gradient(String name, Layout layout) {
        return room.part("gradient of " + name, () -> start(name), layout);
    }

    /** What belongs to a stretch of the parameters' block, in which {@code name} and its neighbours lie. */
    Buffer stretch(String name, long start, Layout layout) {
        return room.part("gradients", () -> start(name) + start - parameters.offset(name), layout);
    }

    private long start(String name) {
        long offset = parameters.offset(name);
        return bytes(parameters, names.stream().filter(n -> parameters.offset(n) < offset));
    }

    private static long bytes(Parameters parameters, Stream<String> names) {
        return names.mapToLong(n -> parameters.end(n) - parameters.offset(n)).sum();
    }
}
