package dev.fluxion.ir.fn;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Elements of an expression, at other places or several times. Negative axes count from the last. */
public final class Selection {
    private Selection() {}

    /** What lies at the indices along an axis, which an index of any rank and shape takes the place of: a×b×c by i×j along b is a×i×j×c. */
    public static Expr take(Expr x, int axis, Expr index) {
        Shape shape = Axes.given("take", x).shape();
        int along = shape.axis(axis);
        if (Given.require("take", "the index", index).dtype() != DType.INT) {
            throw new ShapeException(Errors.notAnIndex("take", index));
        }
        int count = index.shape().size();
        Expr places = Axes.along(index.reshape(count), along, shape).broadcastTo(shape.with(along, count));
        IntStream front = Arrays.stream(shape.dims(), 0, along);
        IntStream behind = Arrays.stream(shape.dims(), along + 1, shape.rank());
        IntStream middle = Arrays.stream(index.shape().dims());
        return x.gather(along, places)
                .reshape(Shape.of(IntStream.concat(IntStream.concat(front, middle), behind)
                        .toArray()));
    }

    /**
     * Each {@code step}-th element from index {@code from} up to but without {@code to}; with a negative step, from {@code from} down to
     * but without {@code to}, which is −1 to end with the first element.
     */
    public static Expr slice(Expr x, int axis, int from, int to, int step) {
        int extent = Axes.given("slice", x).shape().dim(axis);
        boolean isInside = step > 0 ? from >= 0 && from <= to && to <= extent : to >= -1 && to <= from && from < extent;
        if (step == 0 || !isInside) {
            throw new ShapeException(Errors.slice(axis, from, to, step, x.shape()));
        }
        long size = Math.abs((long) step);
        int count = (int) ((Math.abs((long) to - from) + size - 1) / size);
        return chosen(x, axis, IntStream.range(0, count).map(i -> from + i * step));
    }

    /** The elements along axes, all if none are given, in reverse order. */
    public static Expr flip(Expr x, int... axes) {
        Expr flipped = Axes.given("flip", x);
        for (int axis : Axes.all(x, axes)) {
            int extent = x.shape().dim(axis);
            flipped = chosen(flipped, axis, IntStream.range(0, extent).map(i -> extent - 1 - i));
        }
        return flipped;
    }

    private static Expr chosen(Expr x, int axis, IntStream places) {
        return take(x, axis, Expr.constant(Tensor.labels(places.toArray())));
    }

    /**
     * The elements moved so many places along an axis, what leaves it at the end coming back at the front. As in all functions of this
     * class the axis comes first; {@code torch.roll} takes the shift first.
     */
    public static Expr roll(Expr x, int axis, int shift) {
        int extent = Axes.given("roll", x).shape().dim(axis);
        int last = extent == 0 ? 0 : Math.floorMod(shift, extent);
        return last == 0
                ? x
                : Expr.concat(axis, List.of(x.slice(axis, extent - last, extent), x.slice(axis, 0, extent - last)));
    }

    /** The whole expression so many times along each of its last axes; axes are added in front if there are more numbers than axes. */
    public static Expr tile(Expr x, int... times) {
        Given.require("tile", "how many times", times);
        int rank = Math.max(times.length, Axes.given("tile", x).shape().rank());
        int[] own = padded(x.shape().dims(), rank);
        int[] copies = padded(times, rank);
        List<Integer> apart = new ArrayList<>();
        List<Integer> stretched = new ArrayList<>();
        int[] merged = new int[rank];
        for (int i = 0; i < rank; i++) {
            if (copies[i] < 0) {
                throw new ShapeException(Errors.times(copies[i]));
            }
            apart.addAll(List.of(1, own[i]));
            stretched.addAll(List.of(copies[i], own[i]));
            if ((long) copies[i] * own[i] > Integer.MAX_VALUE) {
                throw new ShapeException(Errors.tooManyTimes(copies[i], own[i]));
            }
            merged[i] = copies[i] * own[i];
        }
        return x.reshape(shape(apart)).broadcastTo(shape(stretched)).reshape(Shape.of(merged));
    }

    /** The numbers behind so many ones. */
    private static int[] padded(int[] numbers, int count) {
        int[] all = new int[count];
        Arrays.fill(all, 1);
        System.arraycopy(numbers, 0, all, count - numbers.length, numbers.length);
        return all;
    }

    private static Shape shape(List<Integer> dims) {
        return Shape.of(dims.stream().mapToInt(i -> i).toArray());
    }
}
