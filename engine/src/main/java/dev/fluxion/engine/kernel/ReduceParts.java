package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The division of a reduction of rows, as of the places of an image whose channels lie last: parts combine the rows of some of the
 * {@link RowGroups}, and a step behind them their lanes, in the order of the whole.
 */
public final class ReduceParts implements Step.Division {
    private final Step whole;
    private final boolean sum;
    private final Blocks blocks;
    private final int groups;

    /** The division of a step of {@link Reduce}, given the shapes of what it reads and makes. */
    public ReduceParts(Step whole, boolean sum, Shape in, Shape out) {
        this.whole = whole;
        this.sum = sum;
        this.blocks = Blocks.of(in, out);
        this.groups = RowGroups.count(blocks.rows());
    }

    @Override
    public List<Step> into(int count, Step.Library library) {
        if (blocks.count() > 1 || blocks.width() == 1 || groups < count) {
            return List.of();
        }
        Buffer lanes = Buffer.temporary("lanes", Layout.plain(groups, RowGroups.LANES, blocks.width()));
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            steps.add(part(lanes, groups * i / count, groups * (i + 1) / count).at(ScheduleKey.part(i)));
        }
        steps.add(Step.of(
                whole.operator(),
                whole.origin(),
                List.of(lanes),
                whole.writes(),
                whole.implementation(),
                places -> together(
                        places.of(lanes).floats(),
                        places.of(whole.writes().get(0)).floats())));
        return steps;
    }

    private Step part(Buffer lanes, int begin, int end) {
        Buffer from = whole.reads().get(0);
        int width = blocks.width();
        int first = RowGroups.first(begin, blocks.rows());
        int rows = RowGroups.first(end, blocks.rows()) - first;
        Buffer some = from.part(from.name(), () -> (long) first * width * Float.BYTES, Layout.plain(rows, width));
        int size = RowGroups.LANES * width;
        Buffer to = lanes.part(
                "lanes", () -> (long) begin * size * Float.BYTES, Layout.plain(end - begin, RowGroups.LANES, width));
        return Step.of(
                        whole.operator(),
                        whole.origin(),
                        List.of(some),
                        List.of(to),
                        whole.implementation(),
                        places -> combine(
                                places.of(some).floats(),
                                begin,
                                end,
                                places.of(to).floats()))
                .flops((double) rows * width);
    }

    /** Writes the lanes of some groups, given their rows. */
    private Step.Kernel combine(FloatBuffer from, int begin, int end, FloatBuffer to) {
        int width = blocks.width();
        RowGroups all = new RowGroups(sum, from, blocks.rows(), width);
        RowGroups.Sink lanes = (group, lane, values, first, at, count) ->
                to.put(((group - begin) * RowGroups.LANES + lane) * width + at, values, first, count);
        int before = RowGroups.first(begin, blocks.rows()) * width;
        return () -> all.each(-before, begin, end, lanes);
    }

    /** Combines all lanes; of several groups, each has enough rows for all of its own. */
    private Step.Kernel together(FloatBuffer lanes, FloatBuffer to) {
        int width = blocks.width();
        int all = groups * RowGroups.LANES;
        double[] result = new double[width];
        float[] lane = new float[width];
        return () -> {
            Arrays.fill(result, sum ? 0 : Double.NEGATIVE_INFINITY);
            for (int i = 0; i < all; i++) {
                lanes.get(i * width, lane, 0, width);
                for (int j = 0; j < width; j++) {
                    result[j] = sum ? result[j] + lane[j] : Math.max(result[j], lane[j]);
                }
            }
            for (int j = 0; j < width; j++) {
                to.put(j, (float) result[j]);
            }
        };
    }
}
