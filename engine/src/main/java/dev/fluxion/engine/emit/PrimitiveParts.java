package dev.fluxion.engine.emit;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Reorder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

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
        List<Cut> cuts = Cut.of(whole.operation(), whole.layouts());
        for (int i = 0; i < cuts.size(); i++) {
            List<Step> parts = asTheyLie(cuts.get(i).parts(count), library);
            parts = parts.isEmpty() ? repacked(i, count, library) : parts;
            if (!parts.isEmpty()) {
                return parts;
            }
        }
        return List.of();
    }

    /** The stretches of a single sequence, each for one of so many threads; none if the kernel does not compute all of them. */
    List<Step> stretches(int count, Step.Library library) {
        List<Step> parts =
                new ArrayList<>(asTheyLie(Cut.stretches(whole.operation(), whole.layouts(), count), library));
        for (int i = 0; i < parts.size(); i++) {
            parts.set(i, parts.get(i).oneOf(i, count, false));
        }
        return parts;
    }

    private List<Step> asTheyLie(List<Cut.Part> parts, Step.Library library) {
        List<Step> all = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Optional<Primitive> kernel = alike(parts.get(i).operation(), library);
            if (kernel.isEmpty() || Cut.accumulates(whole.operation()) && !isInPlace(parts.get(i), kernel.get())) {
                return List.of();
            }
            for (Step step : steps(parts.get(i), kernel.get(), library)) {
                all.add(step.at(ScheduleKey.part(i)));
            }
        }
        return all;
    }

    /**
     * The parts of a cut for which the library wants the weights in other blocks than for the whole, of which there is one more copy
     * then. Kernels of a single place are measured to add up in the order of the channels whatever the blocks: 1,266 of 6,049 parts of
     * 400 drawn shapes wanted others, and all had the bits of the whole, with AVX-512 and with AVX2.
     */
    private List<Step> repacked(int cut, int count, Step.Library library) {
        if (!isOfSinglePlaces()) {
            return List.of();
        }
        Map<Arg, Layout> layouts = new HashMap<>(whole.layouts());
        Layout made = Objects.requireNonNull(layouts.get(Arg.WEIGHTS));
        for (int block : Cut.BLOCKS) {
            layouts.put(Arg.WEIGHTS, Layout.filterBlocks(block, made.dims()));
            List<Cut.Part> parts = Cut.of(whole.operation(), layouts).get(cut).parts(count);
            boolean offered = parts.stream()
                    .allMatch(part -> alike(part.operation(), library).isPresent());
            if (!parts.isEmpty() && offered) {
                return repacked(layouts.get(Arg.WEIGHTS), parts, library);
            }
        }
        return List.of();
    }

    private List<Step> repacked(Layout layout, List<Cut.Part> parts, Step.Library library) {
        Map<Arg, Buffer> reads = new LinkedHashMap<>(step.reads());
        Optional<Buffer> weights = library.packed(Objects.requireNonNull(reads.get(Arg.WEIGHTS)), layout);
        weights.ifPresent(w -> reads.put(Arg.WEIGHTS, w));
        PrimitiveStep other =
                new PrimitiveStep(step.operator(), step.origin(), reads, step.writes(), step.clip(), step.shortcut());
        return weights.isEmpty() ? List.of() : new PrimitiveParts(other, whole, flops).asTheyLie(parts, library);
    }

    /** Whether this is a convolution by kernels of 1×1 over channels that do not stay apart. */
    private boolean isOfSinglePlaces() {
        return whole.operation() instanceof Convolution op
                && op.pass().isForward()
                && op.weights().rank() == op.source().rank()
                && op.window().kernel().stream().allMatch(extent -> extent == 1);
    }

    private Optional<Primitive> alike(Operation part, Step.Library library) {
        String implementation = whole.implementation();
        return library.offered(part, first -> implementation)
                .filter(p -> p.implementation().equals(implementation));
    }

    /** Whether a part writes where the whole does. */
    private boolean isInPlace(Cut.Part part, Primitive primitive) {
        Arg written = Cut.result(whole.operation());
        return primitive
                .layout(written)
                .equals(Objects.requireNonNull(part.places().get(written)).layout());
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
        for (Map.Entry<Arg, Buffer> each : buffers.entrySet()) {
            Layout.Part place = part.places().get(each.getKey());
            some.put(
                    each.getKey(),
                    place == null ? each.getValue() : each.getValue().part(place));
        }
        return some;
    }
}
