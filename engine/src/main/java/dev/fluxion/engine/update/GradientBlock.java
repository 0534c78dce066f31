package dev.fluxion.engine.update;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Layout;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;

/**
 * Room for the gradients that an update gathers, in the order of their parameters, without those that it does not: where
 * parameters are neighbours, so are their gradients.
 */
public final class GradientBlock {
    private final List<String> names;
    private final ToLongFunction<String> offset;
    private final ToLongFunction<String> end;
    private final Buffer room;
    /** Where the gradients start, in bytes, once somebody asks: the parameters have their layouts then. */
    private final Map<String, Long> starts = new HashMap<>();

    private long bytes;

    /**
     * Room for the gradients of some parameters.
     *
     * @param names the parameters
     * @param offset where each starts in the block of parameters, in bytes
     * @param end where it ends there, with the gap up to the next one
     */
    public GradientBlock(List<String> names, ToLongFunction<String> offset, ToLongFunction<String> end) {
        this.names = names;
        this.offset = offset;
        this.end = end;
        this.room = Buffer.scratch("gradients", this::bytes);
    }

    /** The gradient of a parameter. */
    public Buffer gradient(String name, Layout layout) {
        return room.part("gradient of " + name, () -> start(name), layout);
    }

    /** What belongs to a stretch of the parameters' block, in which {@code name} and its neighbours lie. */
    Buffer stretch(String name, long start, Layout layout) {
        return room.part("gradients", () -> start(name) + start - offset.applyAsLong(name), layout);
    }

    private synchronized long start(String name) {
        place();
        return Objects.requireNonNull(starts.get(name));
    }

    private synchronized long bytes() {
        place();
        return bytes;
    }

    private void place() {
        if (starts.isEmpty()) {
            names.stream().sorted(Comparator.comparingLong(offset)).forEach(name -> {
                starts.put(name, bytes);
                bytes += end.applyAsLong(name) - offset.applyAsLong(name);
            });
        }
    }
}
