package dev.fluxion.engine.emit;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Reorder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/** The division of a step of a primitive: parts by the library's same kernel, which computes each element as in the whole. */
final class PrimitiveParts implements Step.Division {
    private final PrimitiveStep step;
    private final Primitive whole;
    private final double flops;

    PrimitiveParts(PrimitiveStep step, Primitive whole, double flops) {
        this.step = step;
        this.whole = whole;
        this.flops = flops;
    }

    @Override
    public List<Step> into(int count, Step.Library library) {
        for (Cut cut : Cut.of(whole.operation(), whole.layouts())) {
            List<List<Step>> all = new ArrayList<>();
            for (Cut.Part part : cut.parts(count)) {
                alike(part.operation(), library)
                        .map(p -> steps(part, p, library))
                        .ifPresent(all::add);
            }
            if (all.size() == count) {
                return IntStream.range(0, count)
                        .boxed()
                        .flatMap(i -> all.get(i).stream().map(s -> s.at(ScheduleKey.part(i))))
                        .toList();
            }
        }
        return List.of();
    }

    private Optional<Primitive> alike(Operation part, Step.Library library) {
        String implementation = whole.implementation();
        return library.offered(part, first -> implementation)
                .filter(p -> p.implementation().equals(implementation));
    }

    /** The step of a part, and a reorder behind it if the kernel cannot write between what other parts write. */
    private List<Step> steps(Cut.Part part, Primitive primitive, Step.Library library) {
        Arg written = Cut.result(whole.operation());
        Buffer place = Objects.requireNonNull(cut(step.writes(), part).get(written));
        Layout made = primitive.layout(written);
        if (made.equals(place.layout())) {
            return List.of(step(part, primitive, place, library));
        }
        Buffer result = Buffer.temporary(place.name(), made);
        Primitive reorder = library.offered(Reorder.of(made, place.layout()), first -> first)
                .orElseThrow();
        return List.of(
                step(part, primitive, result, library),
                Primitives.step(
                        "reorder",
                        step.origin(),
                        reorder,
                        Map.of(Arg.SOURCE, result),
                        Map.of(Arg.DESTINATION, place),
                        0));
    }

    private Step step(Cut.Part part, Primitive primitive, Buffer to, Step.Library library) {
        return new PrimitiveStep(
                        step.operator(),
                        step.origin(),
                        cut(step.reads(), part),
                        Map.of(Cut.result(whole.operation()), to),
                        step.clip(),
                        step.shortcut())
                .of(primitive, flops * part.share(), library);
    }

    private static Map<Arg, Buffer> cut(Map<Arg, Buffer> buffers, Cut.Part part) {
        Map<Arg, Buffer> some = new LinkedHashMap<>();
        buffers.forEach((arg, buffer) -> {
            Layout.Part place = part.places().get(arg);
            some.put(arg, place == null ? buffer : buffer.part(place));
        });
        return some;
    }
}
