package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.ArgSort;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.nio.IntBuffer;

/**
 * The order of elements along an axis. Each is an integer that compares as it does, and its place in the lower bits, which merging sorts
 * in runs of two, four and more, without memory of its own.
 */
public final class Sort implements Step.Kernel {
    private static final int SIGN = Integer.MIN_VALUE;
    private static final int INFINITE = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);
    private static final long PLACE = 0xFFFFFFFFL;

    private final boolean floats;
    private final boolean descending;
    private final int size;
    private final int extent;
    private final int step;
    private final IntBuffer from;
    private final IntBuffer to;
    private final long[] first;
    private final long[] second;

    private Sort(ArgSort op, Expr x, IntBuffer from, IntBuffer to) {
        Shape shape = x.shape();
        this.floats = x.dtype() == DType.FLOAT;
        this.descending = op.descending();
        this.size = shape.size();
        this.extent = shape.dim(op.axis());
        this.step = shape.strides()[op.axis()];
        this.from = from;
        this.to = to;
        this.first = new long[extent];
        this.second = new long[extent];
    }

    /** Binds the sort of an operand. */
    public static Step.Binder of(ArgSort op, Expr x, Buffer from, Buffer to) {
        return places -> new Sort(op, x, places.of(from).ints(), places.of(to).ints());
    }

    @Override
    public void run() {
        for (int outer = 0; outer < size; outer += extent * step) {
            for (int start = outer; start < outer + step; start++) {
                lane(start);
            }
        }
    }

    private void lane(int start) {
        for (int i = 0; i < extent; i++) {
            first[i] = (long) key(from.get(start + i * step)) << Integer.SIZE | i;
        }
        long[] runs = first;
        long[] merged = second;
        for (int length = 1; length < extent; length *= 2) {
            for (int at = 0; at < extent; at += 2 * length) {
                merge(runs, merged, at, Math.min(at + length, extent), Math.min(at + 2 * length, extent));
            }
            long[] swapped = runs;
            runs = merged;
            merged = swapped;
        }
        for (int i = 0; i < extent; i++) {
            to.put(start + i * step, (int) (runs[i] & PLACE));
        }
    }

    private static void merge(long[] runs, long[] merged, int begin, int middle, int end) {
        int a = begin;
        int b = middle;
        for (int i = begin; i < end; i++) {
            merged[i] = b == end || a < middle && runs[a] <= runs[b] ? runs[a++] : runs[b++];
        }
    }

    /** An integer that compares as the element does. */
    private int key(int bits) {
        int key = floats ? ordered(bits) : bits;
        return descending ? ~key : key;
    }

    /** Zeros are one, whatever their sign, and so are NaNs, which are the largest. */
    private static int ordered(int bits) {
        int magnitude = bits & ~SIGN;
        if (magnitude > INFINITE) {
            return Integer.MAX_VALUE;
        }
        return bits < 0 ? -magnitude : magnitude;
    }
}
