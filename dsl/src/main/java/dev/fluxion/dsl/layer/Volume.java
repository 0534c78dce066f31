package dev.fluxion.dsl.layer;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Size;
import java.util.List;

/**
 * Extents or steps along the depth, the height and the width of volumes N×C×D×H×W.
 *
 * @param d along the depth
 * @param h along the height
 * @param w along the width
 */
public record Volume(int d, int h, int w) {
    private static final List<String> SIDES = List.of("depth", "height", "width");

    static Volume of(int all) {
        return new Volume(all, all, all);
    }

    /** Height and width. */
    Size plane() {
        return Size.of(h, w);
    }

    /** The depth beside a width of 1 or 0, which changes nothing. */
    Size along(int neutral) {
        return Size.of(d, neutral);
    }

    void requireAtLeast(Object what, CallSite callSite, String argument, int least) {
        if (Math.min(d, Math.min(h, w)) < least) {
            throw new IllegalArgumentException(Errors.argument(what, callSite, argument, "at least " + least, this));
        }
    }

    static void require(Shape input) {
        if (input.rank() != 5) {
            throw new ShapeException(Errors.notVolumes(input));
        }
    }

    /** Requires that a kernel has a place in volumes; {@code depth} alone if windows may reach beyond the others. */
    static void requireFit(Volume kernel, Volume dilation, Volume pad, boolean depth, Shape input) {
        int[] taps = kernel.all();
        for (int i = 0; i < (depth ? 1 : taps.length); i++) {
            long reach = (long) dilation.all()[i] * (taps[i] - 1) + 1;
            if (reach > input.dim(2 + i) + 2L * pad.all()[i]) {
                String into = "volumes of " + SIDES.get(i);
                throw new ShapeException(Errors.kernelTooLarge(kernel, dilation, into, input.dim(2 + i), pad, input));
            }
        }
    }

    private int[] all() {
        return new int[] {d, h, w};
    }

    private boolean isCube() {
        return d == h && h == w;
    }

    /** A call with these numbers, or with one if all are the same. */
    String call(String function) {
        return isCube() ? Text.call(function, d) : Text.call(function, d, h, w);
    }

    /** An option that is not that of a new layer. */
    String option(String name, Volume plain) {
        return equals(plain) ? "" : "." + call(name);
    }

    /** An option of a layer whose factory takes one number. */
    String kernelOption() {
        return isCube() ? "" : "." + call("kernel");
    }

    @Override
    public String toString() {
        return isCube() ? Integer.toString(d) : d + "×" + h + "×" + w;
    }
}
