package dev.fluxion.engine.emit;

import dev.fluxion.ffi.Window;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of an image, or the places of its only one, that make some of a result.
 *
 * @param from the first
 * @param to the one behind the last
 * @param window how the kernel moves over them; null if there is none
 */
record ReadRows(long from, long to, @Nullable Window window) {
    static ReadRows forward(Window w, int side, long extent, long from, long to) {
        long step = w.stride().get(side);
        long first = from * step - w.before().get(side);
        long reach = reach(w, side);
        long end = (to - 1) * step - w.before().get(side) + Math.max(reach, step);
        long start = Math.max(0, first);
        long stop = Math.min(extent, end);
        long behind = Math.max(0, first + (to - from - 1) * step + reach - stop);
        return new ReadRows(start, stop, padded(w, side, start - first, behind));
    }

    /** The rows of a result's gradient that some of an image's are summed from; null if there are none for the first. */
    static @Nullable ReadRows backward(Window w, int side, long extent, long from, long to) {
        long step = w.stride().get(side);
        long pad = w.before().get(side);
        long reach = reach(w, side);
        long start = Math.max(0, Math.floorDiv(from + pad - reach + step, step));
        long stop = Math.min(extent, Math.floorDiv(to - 1 + pad, step) + 1);
        long before = from + pad - start * step;
        long behind = (stop - start - 1) * step + reach - (to - from) - before;
        return before < 0 || start >= stop ? null : new ReadRows(start, stop, padded(w, side, before, behind));
    }

    private static Window padded(Window w, int side, long before, long behind) {
        List<Long> first = new ArrayList<>(w.before());
        List<Long> last = new ArrayList<>(w.after());
        first.set(side, before);
        last.set(side, behind);
        return new Window(w.kernel(), w.stride(), w.dilation(), first, last);
    }

    /** The elements from the first tap to the last along one axis. */
    static long reach(Window window, int axis) {
        return (window.kernel().get(axis) - 1) * window.dilation().get(axis) + 1;
    }
}
