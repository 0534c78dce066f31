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
    /** The rows of so many groups are read at once, if they are of one element. */
    private static final int FOLD = 8;

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
        this.chunk = new float[width == 1 ? longest(rows) : 0];
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

    /** The most rows that are read at once. */
    private static int longest(int rows) {
        int most = 0;
        for (int group = 0; group < RowGroups.count(rows); group += FOLD) {
            most = Math.max(most, first(group + FOLD, rows) - first(group, rows));
        }
        return most;
    }

    private static int first(int group, int rows) {
        return RowGroups.first(Math.min(group, RowGroups.count(rows)), rows);
    }

    /** Rows of one element. */
    private void fold(int start, int target) {
        for (int group = 0; group < RowGroups.count(rows); group += FOLD) {
            int at = first(group, rows);
            int count = first(group + FOLD, rows) - at;
            from.get(start + at, chunk, 0, count);
            result[target] = sum ? sum(result[target], group) : Math.max(result[target], max(count));
        }
    }

    /** A number and the groups in the chunk, in the order in which longer rows are summed. */
    private double sum(double before, int group) {
        int at = first(group, rows);
        double all = before;
        for (int i = group; i < Math.min(group + FOLD, RowGroups.count(rows)); i++) {
            all = sum(all, first(i, rows) - at, first(i + 1, rows) - at);
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
        int i = begin;
        for (; i <= end - LANES; i += LANES) {
            a += chunk[i];
            b += chunk[i + 1];
            c += chunk[i + 2];
            d += chunk[i + 3];
            e += chunk[i + 4];
            f += chunk[i + 5];
            g += chunk[i + 6];
            h += chunk[i + 7];
        }
        int left = end - i;
        a += left > 0 ? chunk[i] : 0;
        b += left > 1 ? chunk[i + 1] : 0;
        c += left > 2 ? chunk[i + 2] : 0;
        d += left > 3 ? chunk[i + 3] : 0;
        e += left > 4 ? chunk[i + 4] : 0;
        f += left > 5 ? chunk[i + 5] : 0;
        g += left > 6 ? chunk[i + 6] : 0;
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
        groups.each(start, 0, RowGroups.count(rows), settling);
    }

    private void settle(float[] lane, int first, int target, int piece) {
        for (int i = 0; i < piece; i++) {
            double value = lane[first + i];
            result[target + i] = sum ? result[target + i] + value : Math.max(result[target + i], value);
        }
    }
}
