package dev.fluxion.engine.emit;

import dev.fluxion.engine.kernel.Calls;
import dev.fluxion.engine.kernel.Trusted;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Slice;
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
 * @param shortcut what is faster where all numbers are known to be finite, if anything is
 */
record PrimitiveStep(
        String operator, String origin, Map<Arg, Buffer> reads, Map<Arg, Buffer> writes, Optional<Shortcut> shortcut) {
    /** The step of a primitive. */
    Step of(Primitive primitive, double flops, Step.Library library) {
        Optional<Primitive> other = shortcut.flatMap(s -> s.of(primitive, library));
        List<Buffer> all = new ArrayList<>(reads.values());
        List<Buffer> scratch = new ArrayList<>();
        Step.Binder binder = binder(primitive, scratch);
        if (other.isPresent()) {
            all.addAll(shortcut.get().facts());
            binder = either(binder, binder(other.get(), scratch), shortcut.get());
        }
        Step step = new Step(
                operator,
                origin,
                all,
                List.copyOf(writes.values()),
                scratch,
                false,
                primitive.implementation(),
                flops,
                ScheduleKey.SERIAL,
                binder);
        return step.shared(new PrimitiveParts(this, primitive, flops));
    }

    private static Step.Binder either(Step.Binder any, Step.Binder finite, Shortcut shortcut) {
        return places -> new Trusted(any.bind(places), finite.bind(places), places.each(shortcut.known()::bind));
    }

    private Step.Binder binder(Primitive primitive, List<Buffer> scratch) {
        Map<Arg, Buffer> all = new LinkedHashMap<>(reads);
        all.putAll(writes);
        Layout pad = primitive.layouts().get(Arg.SCRATCHPAD);
        if (pad != null) {
            Buffer memory = Buffer.scratch("scratchpad", pad::bytes);
            all.put(Arg.SCRATCHPAD, memory);
            scratch.add(memory);
        }
        return places -> {
            Map<Arg, Slice> slices = new LinkedHashMap<>();
            Map<Arg, Long> motions = new LinkedHashMap<>();
            all.forEach((arg, buffer) -> slices.put(arg, places.first(buffer)));
            all.forEach((arg, buffer) -> motions.put(arg, places.motion(buffer)));
            return Calls.one(primitive.bind(slices, motions, places.times()));
        };
    }
}
