package dev.fluxion.ffi;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a kernel moves over the spatial dimensions. All lists have one entry per spatial dimension, none beyond 2³¹−1.
 *
 * @param kernel the size of the kernel, in taps
 * @param stride the step between two places, at least 1
 * @param dilation the distance between two taps, at least 1 (1 is a dense kernel)
 * @param before padding in front, in elements
 * @param after padding behind, in elements; may be negative where the kernel does not reach the end
 */
public record Window(List<Long> kernel, List<Long> stride, List<Long> dilation, List<Long> before, List<Long> after) {
    /** Checks the lists. */
    public Window {
        kernel = List.copyOf(kernel);
        stride = List.copyOf(stride);
        dilation = List.copyOf(dilation);
        before = List.copyOf(before);
        after = List.copyOf(after);
        int rank = kernel.size();
        boolean sameRank =
                stride.size() == rank && dilation.size() == rank && before.size() == rank && after.size() == rank;
        boolean positive = min(kernel) > 0 && min(stride) > 0 && min(dilation) > 0 && min(before) >= 0;
        if (rank == 0 || !sameRank || !positive || !areInts(List.of(kernel, stride, dilation, before, after))) {
            throw new IllegalArgumentException(Errors.window(kernel, stride, dilation, before, after));
        }
    }

    /** A dense kernel that moves one element at a time, without padding. */
    public static Window of(long... kernel) {
        List<Long> ones = Collections.nCopies(kernel.length, 1L);
        List<Long> zeros = Collections.nCopies(kernel.length, 0L);
        return new Window(list(kernel), ones, ones, zeros, zeros);
    }

    /** With these steps. */
    public Window stride(long... stride) {
        return new Window(kernel, list(stride), dilation, before, after);
    }

    /** With these distances between taps. */
    public Window dilation(long... dilation) {
        return new Window(kernel, stride, list(dilation), before, after);
    }

    /** With this padding on both sides. */
    public Window padding(long... padding) {
        return new Window(kernel, stride, dilation, list(padding), list(padding));
    }

    /** With this padding in front and behind. */
    public Window padding(long[] before, long[] after) {
        return new Window(kernel, stride, dilation, list(before), list(after));
    }

    /** How many places the kernel takes along one spatial dimension of {@code size} elements. */
    public long places(int dimension, long size) {
        return Math.floorDiv(padded(dimension, size) - reach(dimension), stride.get(dimension)) + 1;
    }

    /** How many spatial dimensions there are. */
    int rank() {
        return kernel.size();
    }

    /** The elements from the first tap to the last along one dimension. */
    long reach(int dimension) {
        return (kernel.get(dimension) - 1) * dilation.get(dimension) + 1;
    }

    /** The longest step along one dimension: over the kernel, to its next place or to its next tap. */
    long step(int dimension) {
        return Math.max(reach(dimension), Math.max(stride.get(dimension), dilation.get(dimension)));
    }

    /** The elements of a dimension with its padding. */
    long padded(int dimension, long size) {
        return Math.addExact(size, before.get(dimension) + after.get(dimension));
    }

    /** Whether the kernel has a place along a dimension of {@code size} elements where every tap falls on padding. */
    boolean seesOnlyPadding(int dimension, long size) {
        long step = stride.get(dimension);
        long gap = dilation.get(dimension);
        long last = (places(dimension, size) - 1) * step - before.get(dimension);
        for (long at = -before.get(dimension); at <= Math.min(last, -1); at += step) {
            long tap = (-at + gap - 1) / gap;
            if (tap >= kernel.get(dimension) || at + tap * gap >= size) {
                return true;
            }
        }
        return last >= size;
    }

    static long[] array(List<Long> list) {
        long[] array = new long[list.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = list.get(i);
        }
        return array;
    }

    /** oneDNN counts the gaps between taps. */
    long[] gaps() {
        long[] gaps = array(dilation);
        for (int i = 0; i < gaps.length; i++) {
            gaps[i]--;
        }
        return gaps;
    }

    /** Written out, as with what is made of windows: what Java generates for records takes a new process milliseconds each. */
    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Window that
                && kernel.equals(that.kernel)
                && stride.equals(that.stride)
                && dilation.equals(that.dilation)
                && before.equals(that.before)
                && after.equals(that.after);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kernel, stride, dilation, before, after);
    }

    @Override
    public String toString() {
        return "kernel " + Text.dims(array(kernel)) + " stride " + Text.dims(array(stride)) + " dilation "
                + Text.dims(array(dilation)) + " padding " + before + after;
    }

    private static List<Long> list(long[] values) {
        List<Long> list = new ArrayList<>();
        for (long value : values) {
            list.add(value);
        }
        return list;
    }

    private static boolean areInts(List<List<Long>> lists) {
        for (List<Long> values : lists) {
            for (long value : values) {
                if (value != (int) value) {
                    return false;
                }
            }
        }
        return true;
    }

    private static long min(List<Long> values) {
        return values.isEmpty() ? 0 : Collections.min(values);
    }
}
