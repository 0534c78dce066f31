package dev.fluxion.dsl.layer;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The extents of a row, which lies along the last axes of an input, behind one of samples at least. */
final class RowExtents {
    private RowExtents() {}

    /** A copy of the extents that the user gave. */
    static List<Integer> checked(String layer, List<Integer> extents, CallSite callSite) {
        List<Integer> own = Checks.present(Text.place(layer, callSite), "extent", extents, Object::toString);
        own.forEach(extent -> Arguments.requireAtLeast(call(layer, own), callSite, "an extent", 1, extent));
        return own;
    }

    /** The layer as the user called it. */
    static String call(String layer, List<Integer> extents) {
        return Text.call(layer, extents.stream().mapToInt(e -> e).toArray());
    }

    /** The row of an input: of the extents that were given or, without any, its last axis. */
    static Shape row(List<Integer> extents, Shape input) {
        int count = Math.max(1, extents.size());
        List<Integer> last = last(input, count).orElseThrow(() -> new ShapeException(Errors.noSamples(count, input)));
        if (!extents.isEmpty() && !extents.equals(last)) {
            throw new ShapeException(Errors.lastExtents(shape(extents), input));
        }
        return shape(last);
    }

    /** The extents that would fit an input; empty if none would, or if any does. */
    static Optional<List<Integer>> fitting(List<Integer> extents, Shape input) {
        return extents.isEmpty() ? Optional.empty() : last(input, extents.size());
    }

    private static Optional<List<Integer>> last(Shape input, int count) {
        List<Integer> all = Arrays.stream(input.dims()).boxed().toList();
        return all.size() <= count ? Optional.empty() : Optional.of(all.subList(all.size() - count, all.size()));
    }

    private static Shape shape(List<Integer> extents) {
        return Shape.of(extents.stream().mapToInt(e -> e).toArray());
    }
}
