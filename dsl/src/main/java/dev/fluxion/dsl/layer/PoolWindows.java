package dev.fluxion.dsl.layer;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Size;
import java.util.Arrays;
import java.util.List;

/**
 * The windows of a pooling of images.
 *
 * @param kernel the extent of a window
 * @param stride steps between windows
 * @param pad the padding on all sides
 * @param dilation steps between the elements of a window
 * @param ceil whether windows count that reach beyond the padded image, unless they begin there
 */
record PoolWindows(Size kernel, Size stride, Size pad, Size dilation, boolean ceil) {
    /** The largest number of rows or columns that are added for windows which reach beyond the padded image. */
    static final int MOST_ADDED = 1 << 16;

    private static final Size ONE = Size.of(1);

    /** The largest element of each window, the first of equals. */
    Expr max(Expr x) {
        if (!dilation.equals(ONE)) {
            return Bins.max(x, dilated(x, 2), dilated(x, 3));
        }
        return edges(edges(x, 2), 3).maxPool(spec());
    }

    /** Where in an image, counted row by row, each window's first of the largest elements is. */
    Expr places(Expr x) {
        return Bins.places(x, dilated(x, 2), dilated(x, 3));
    }

    /** The mean of each window: its sum divided by the number of its elements, with padding or without. */
    Expr mean(Expr x, boolean withPadding) {
        Expr means = means(x);
        float[] rows = counts(x, 2, means.shape().dim(2), withPadding);
        float[] columns = counts(x, 3, means.shape().dim(3), withPadding);
        if (isAll(rows, kernel.h()) && isAll(columns, kernel.w())) {
            return means;
        }
        Expr share = Expr.constant((double) spec().area())
                .div(Places.numbers(x.shape(), 2, rows))
                .div(Places.numbers(x.shape(), 3, columns));
        return means.mul(share);
    }

    private static boolean isAll(float[] counts, int most) {
        for (float count : counts) {
            if (count != most) {
                return false;
            }
        }
        return true;
    }

    /** The sum of each window divided by a number. */
    Expr mean(Expr x, int divisor) {
        return means(x).mul((double) spec().area() / divisor);
    }

    /** Means that count padding on all sides, and what is added for windows that reach beyond it. */
    private Expr means(Expr x) {
        return x.pad(2, 0, added(x.shape(), 2), 0)
                .pad(3, 0, added(x.shape(), 3), 0)
                .avgPool(spec());
    }

    private PoolSpec spec() {
        return new PoolSpec(kernel, stride, pad);
    }

    private static int of(Size size, int axis) {
        return axis == 2 ? size.h() : size.w();
    }

    private long reach(int axis) {
        return (long) of(dilation, axis) * (of(kernel, axis) - 1) + 1;
    }

    private long windows(Shape x, int axis) {
        long step = of(stride, axis);
        long room = x.dim(axis) + 2L * of(pad, axis) - reach(axis);
        long count = Math.floorDiv(room + (ceil ? step - 1 : 0), step) + 1;
        return ceil && (count - 1) * step >= x.dim(axis) + of(pad, axis) ? count - 1 : count;
    }

    /** How far the last window reaches beyond the padded image. */
    private int added(Shape x, int axis) {
        if (!ceil) {
            return 0;
        }
        long end = (windows(x, axis) - 1) * of(stride, axis) + reach(axis);
        long added = Math.max(0, end - x.dim(axis) - 2L * of(pad, axis));
        if (added > MOST_ADDED) {
            throw new ShapeException(Errors.farWindows(added));
        }
        return (int) added;
    }

    /** The last row or column once more, as often as windows reach beyond the padded image, all of which see it. */
    private Expr edges(Expr x, int axis) {
        int extent = x.shape().dim(axis);
        int added = added(x.shape(), axis);
        if (added == 0 || extent == 0) {
            return x;
        }
        Expr edge = x.slice(axis, extent - 1, extent);
        return Expr.concat(axis, List.of(x, edge.broadcastTo(x.shape().with(axis, added))));
    }

    /** The number of elements of each window along an axis. */
    private float[] counts(Expr x, int axis, int windows, boolean withPadding) {
        long extent = x.shape().dim(axis);
        long before = of(pad, axis);
        float[] counts = new float[windows];
        for (int i = 0; i < windows; i++) {
            long from = (long) i * of(stride, axis) - before;
            long to = from + of(kernel, axis);
            counts[i] = withPadding ? Math.min(to, extent + before) - from : Math.min(to, extent) - Math.max(from, 0);
        }
        return counts;
    }

    /** The places inside the image that each window sees along an axis. */
    private Bins dilated(Expr x, int axis) {
        long windows = windows(x.shape(), axis);
        if (windows < 1) {
            throw new ShapeException(Errors.windowTooLarge(kernel, dilation, pad, x.shape()));
        }
        int extent = x.shape().dim(axis);
        long step = of(dilation, axis);
        long taps = of(kernel, axis);
        int[][] places = new int[Places.count(windows, axis, x.shape())][];
        for (int i = 0; i < places.length; i++) {
            long start = (long) i * of(stride, axis) - of(pad, axis);
            long first = start < 0 ? (-start + step - 1) / step : 0;
            long last = Math.min(taps - 1, Math.floorDiv(extent - 1 - start, step));
            if (last < first) {
                throw new ShapeException(Errors.emptyWindow(axis, x.shape()));
            }
            places[i] = new int[(int) (last - first + 1)];
            Arrays.setAll(places[i], k -> (int) (start + (first + k) * step));
        }
        return new Bins(places);
    }
}
