package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Sums and largest elements along axes of a row-major tensor, over its {@link Blocks}. The order of a sum follows from the number of
 * rows alone: {@link RowGroups} combine rows in single precision, and their lanes add up in double precision.
 */
public final class Reduce implements Step.Kernel {
    private static final int LANES = RowGroups.LANES;
    private static final int ROWS = RowGroups.ROWS;
    /** So many rows of one element are read at once. */
    private static final int FOLD = 1024;

    private final boolean sum;
    private final FloatBuffer from;
    private final FloatBuffer to;
    private final Blocks blocks;
    private final int rows;
    private final int width;
    private final double[] result;
    private final float[] chunk;
    private final RowGroups groups;
    private final RowGroups.Sink settling;
    private int target;

    private Reduce(boolean sum, Shape in, Shape out, FloatBuffer from, FloatBuffer to) {
        this.sum = sum;
        this.from = from;
        this.to = to;
        this.blocks = Blocks.of(in, out);
        this.rows = blocks.rows();
        this.width = blocks.width();
        this.result = new double[out.size()];
        this.chunk = new float[width == 1 ? FOLD : 0];
        this.groups = new RowGroups(sum, from, rows, width);
        this.settling = (group, lane, values, first, at, count) -> settle(values, first, target + at, count);
    }

    /** Binds a sum, or a search for the largest, of {@code in} into {@code out}, whose reduced extents are 1. */
    public static Step.Binder of(boolean sum, Shape in, Shape out, Buffer from, Buffer to) {
        return places ->
                new Reduce(sum, in, out, places.of(from).floats(), places.of(to).floats());
    }

    @Override
    public void run() {
        Arrays.fill(result, sum ? 0 : Double.NEGATIVE_INFINITY);
        for (int block = 0; block < blocks.count(); block++) {
            int start = block * rows * width;
            int target = blocks.target(block);
            if (width == 1) {
                fold(start, target);
            } else {
                spread(start, target);
            }
        }
        for (int i = 0; i < result.length; i++) {
            to.put(i, (float) result[i]);
        }
    }

    /** Rows of one element. */
    private void fold(int start, int target) {
        for (int at = 0; at < rows; at += FOLD) {
            int count = Math.min(FOLD, rows - at);
            from.get(start + at, chunk, 0, count);
            result[target] = sum ? sum(result[target], count) : Math.max(result[target], max(count));
        }
    }

    /** A number and the first elements of the chunk, in the order in which longer rows are summed. */
    private double sum(double before, int count) {
        Arrays.fill(chunk, count, (count + LANES - 1) / LANES * LANES, 0);
        double all = before;
        for (int row = 0; row < count; row += ROWS) {
            all = sum(all, row, Math.min(count, row + ROWS));
        }
        return all;
    }

    private double sum(double before, int begin, int end) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        float e = 0;
        float f = 0;
        float g = 0;
        float h = 0;
        for (int i = begin; i < end; i += LANES) {
            a += chunk[i];
            b += chunk[i + 1];
            c += chunk[i + 2];
            d += chunk[i + 3];
            e += chunk[i + 4];
            f += chunk[i + 5];
            g += chunk[i + 6];
            h += chunk[i + 7];
        }
        return before + a + b + c + d + e + f + g + h;
    }

    private float max(int count) {
        float most = chunk[0];
        for (int i = 1; i < count; i++) {
            most = Math.max(most, chunk[i]);
        }
        return most;
    }

    private void spread(int start, int first) {
        target = first;
        groups.each(start, 0, groups.count(), settling);
    }

    private void settle(float[] lane, int first, int target, int piece) {
        for (int i = 0; i < piece; i++) {
            double value = lane[first + i];
            result[target + i] = sum ? result[target + i] + value : Math.max(result[target + i], value);
        }
    }
}
