package dev.fluxion.dsl.layer;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.fn.Reductions;
import dev.fluxion.ir.fn.Selection;
import java.util.Arrays;

/**
 * Windows of any places along one axis, which are not steps apart: those of an adaptive pooling, and dilated ones. Each window's
 * elements are laid side by side, so that an ordinary pooling sees them; a shorter window repeats its last one.
 */
final class Bins {
    private final int[][] places;

    /** Windows that see these places, ascending and at least one. */
    Bins(int[][] places) {
        this.places = places;
    }

    /** The windows of an adaptive pooling: ⌊i·extent/bins⌋ to ⌈(i + 1)·extent/bins⌉ − 1. */
    static Bins adaptive(Shape input, int axis, int bins) {
        int extent = input.dim(axis);
        Places.count((long) bins * (extent / bins + 2), axis, input);
        int[][] places = new int[bins][];
        for (int i = 0; i < bins; i++) {
            int from = (int) ((long) i * extent / bins);
            int to = (int) (((i + 1L) * extent + bins - 1) / bins);
            places[i] = new int[to - from];
            Arrays.setAll(places[i], k -> from + k);
        }
        return new Bins(places);
    }

    /** The largest element of each window of rows and columns, the first of equals. */
    static Expr max(Expr x, Bins rows, Bins columns) {
        return columns.beside(rows.beside(x, 2), 3).maxPool(windows(rows, columns));
    }

    /** Where in an image, counted row by row, the first of the largest elements of each window is. */
    static Expr places(Expr x, Bins rows, Bins columns) {
        int h = rows.places.length;
        int w = columns.places.length;
        int taps = rows.longest() * columns.longest();
        Expr beside = columns.beside(rows.beside(x, 2), 3)
                .reshape(x.shape().dim(0), x.shape().dim(1), h, rows.longest(), w, columns.longest())
                .transpose(0, 1, 2, 4, 3, 5)
                .reshape(x.shape().dim(0), x.shape().dim(1), h, w, taps);
        int[] places = new int[Places.count((long) h * w * taps, 2, x.shape())];
        for (int i = 0; i < places.length; i++) {
            int tap = i % taps;
            int row = at(rows.places[i / taps / w], tap / columns.longest());
            places[i] = row * x.shape().dim(3) + at(columns.places[i / taps % w], tap % columns.longest());
        }
        Expr first = Expr.iota(h * w).reshape(h, w).mul(taps);
        return Selection.take(
                Expr.constant(Tensor.labels(places)),
                0,
                Reductions.argMax(beside, -1).add(first));
    }

    /** A shorter window repeats its last element. */
    private static int at(int[] window, int tap) {
        return window[Math.min(tap, window.length - 1)];
    }

    /** The mean of each window of rows and columns. */
    static Expr mean(Expr x, Bins rows, Bins columns) {
        Expr beside = columns.beside(rows.beside(x, 2), 3);
        Expr once = rows.once(beside, 2).mul(columns.once(beside, 3));
        Expr sums = once.where(beside, Expr.constant(0)).avgPool(windows(rows, columns));
        return sums.mul(rows.shares(sums, 2).mul(columns.shares(sums, 3)));
    }

    private static PoolSpec windows(Bins rows, Bins columns) {
        return PoolSpec.of(Size.of(rows.longest(), columns.longest()));
    }

    private int longest() {
        return Arrays.stream(places).mapToInt(window -> window.length).max().orElse(1);
    }

    private Expr beside(Expr x, int axis) {
        int longest = longest();
        int[] index = new int[Places.count((long) places.length * longest, axis, x.shape())];
        Arrays.setAll(index, i -> at(places[i / longest], i % longest));
        return Places.along(x, axis, index);
    }

    /** 1 where an element is not a repeated one. */
    private Expr once(Expr beside, int axis) {
        int longest = longest();
        float[] once = new float[places.length * longest];
        for (int i = 0; i < once.length; i++) {
            once[i] = i % longest < places[i / longest].length ? 1 : 0;
        }
        return Places.numbers(beside.shape(), axis, once);
    }

    /** By how much the longest window is longer than each. */
    private Expr shares(Expr sums, int axis) {
        float[] lengths = new float[places.length];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = places[i].length;
        }
        return Expr.constant(longest()).div(Places.numbers(sums.shape(), axis, lengths));
    }
}
