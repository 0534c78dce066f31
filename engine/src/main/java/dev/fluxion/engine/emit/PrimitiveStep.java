package dev.fluxion.engine.emit;

import dev.fluxion.engine.kernel.Calls;
import dev.fluxion.engine.kernel.Clip;
import dev.fluxion.engine.kernel.Guarded;
import dev.fluxion.engine.kernel.InTurn;
import dev.fluxion.engine.kernel.Room;
import dev.fluxion.engine.kernel.Trusted;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.Elementwise;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a primitive reads and writes, and for whom.
 *
 * @param operator what it computes, with the fused operators
 * @param origin the layer or loss that it belongs to
 * @param reads its arguments
 * @param writes its results, the first of which is that of the step
 * @param clip the bounds between which the result is brought by a kernel behind that of the primitive, if any
 * @param shortcut what is faster where all numbers are known to be finite, if anything is
 */
public record PrimitiveStep(
        String operator,
        String origin,
        Map<Arg, Buffer> reads,
        Map<Arg, Buffer> writes,
        Optional<Elementwise.Clip> clip,
        Optional<Shortcut> shortcut) {
    /** Puts the arguments of a primitive in place. */
    private interface Binding {
        Call bind(Map<Arg, Slice> slices, Map<Arg, Long> motions, int times);
    }

    /** The step of a primitive. What is needed only where numbers may not be finite is compiled when it runs, which is seldom. */
    Step of(Primitive primitive, double flops, Step.Library library) {
        Optional<Primitive> finite = shortcut.flatMap(s -> s.of(primitive, library));
        long bytes = Math.max(
                primitive.scratchpadBytes(),
                finite.map(Primitive::scratchpadBytes).orElse(0L));
        Buffer scratchpad = Buffer.scratch("scratchpad", bytes);
        List<Buffer> all = new ArrayList<>(reads.values());
        if (Cut.accumulates(primitive.operation())) {
            all.addAll(writes.values());
        }
        finite.ifPresent(f -> all.addAll(shortcut.orElseThrow().facts()));
        Step.Binder kernel = finite.map(f -> either(
                        clipped(binder(primitive, scratchpad, primitive::reserve)), binder(f, scratchpad, f::bind)))
                .orElseGet(() -> clipped(binder(primitive, scratchpad, primitive::bind)));
        Step step = Step.of(operator, origin, all, List.copyOf(writes.values()), primitive.implementation(), kernel)
                .needing(bytes > 0 ? List.of(scratchpad) : List.of())
                .flops(flops);
        clip.ifPresent(c -> Room.require(step, Clip.NAME));
        return step.shared(new PrimitiveParts(this, primitive, flops));
    }

    private Step.Binder clipped(Step.Binder kernel) {
        Buffer result = writes.values().iterator().next();
        return clip.map(c -> InTurn.of(List.of(kernel, Clip.of(c, result)))).orElse(kernel);
    }

    private Step.Binder either(Step.Binder any, Step.Binder finite) {
        Guarded.Knowledge known = shortcut.orElseThrow().known();
        return places -> new Trusted(places.kernel(any), places.kernel(finite), places.each(known::bind));
    }

    private Step.Binder binder(Primitive primitive, Buffer scratchpad, Binding binding) {
        Map<Arg, Buffer> all = new LinkedHashMap<>(reads);
        all.putAll(writes);
        if (primitive.scratchpadBytes() > 0) {
            all.put(Arg.SCRATCHPAD, scratchpad);
        }
        return places -> {
            Map<Arg, Slice> slices = new LinkedHashMap<>();
            Map<Arg, Long> motions = new LinkedHashMap<>();
            for (Map.Entry<Arg, Buffer> each : all.entrySet()) {
                slices.put(each.getKey(), places.first(each.getValue()));
                motions.put(each.getKey(), places.motion(each.getValue()));
            }
            return Calls.one(binding.bind(slices, motions, places.times()));
        };
    }
}
