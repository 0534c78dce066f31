package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The division of a reduction. Of several blocks, as of the channels of an image where these lie last, parts reduce some. Of one block of
 * rows, as of the places of such an image, parts combine the rows of some of the {@link RowGroups}, and a step behind them their lanes,
 * in the order of the whole.
 */
public final class ReduceParts implements Step.Division {
    private final Step whole;
    private final boolean sum;
    private final Shape in;
    private final Shape out;
    private final Blocks blocks;
    private final int groups;

    private ReduceParts(Step whole, boolean sum, Shape in, Shape out) {
        this.whole = whole;
        this.sum = sum;
        this.in = in;
        this.out = out;
        this.blocks = Blocks.of(in, out);
        this.groups = RowGroups.count(blocks.rows());
    }

    /** The step of a {@link Reduce}, which threads share. */
    public static Step step(Expr e, boolean sum, Shape in, Shape out, Buffer from, Buffer to) {
        Step whole = step(e.op().toString(), e.origin(), sum, in, out, from, to);
        return whole.shared(new ReduceParts(whole, sum, in, out));
    }

    private static Step step(String operator, String origin, boolean sum, Shape in, Shape out, Buffer from, Buffer to) {
        Step.Binder binder = Reduce.of(sum, in, out, from, to);
        return Step.of(operator, origin, List.of(from), List.of(to), "java:reduce", binder)
                .flops(in.size());
    }

    @Override
    public List<Step> into(int count, Step.Library library) {
        return blocks.count() > 1 ? outermost(count) : rows(count);
    }

    /** Parts of what is outermost, if it is kept. */
    private List<Step> outermost(int count) {
        int axis = 0;
        while (in.dim(axis) == 1) {
            axis++;
        }
        int outer = axis;
        int extent = in.dim(outer);
        return Step.Division.ofUnits(out.dim(outer) == extent ? extent : 0, count, (begin, end) -> {
            Buffer from = elements(whole.reads().get(0), in.size() / extent, begin, end);
            Buffer to = elements(whole.writes().get(0), out.size() / extent, begin, end);
            Shape some = in.with(outer, end - begin);
            Shape made = out.with(outer, end - begin);
            return Optional.of(step(whole.operator(), whole.origin(), sum, some, made, from, to));
        });
    }

    private static Buffer elements(Buffer all, long each, int begin, int end) {
        return all.elements(each * begin, each * end);
    }

    private List<Step> rows(int count) {
        if (blocks.width() == 1 || groups < count) {
            return List.of();
        }
        Buffer lanes = Buffer.temporary("lanes", Layout.plain(groups, RowGroups.LANES, blocks.width()));
        List<Step> steps = new ArrayList<>(
                Step.Division.ofUnits(groups, count, (begin, end) -> Optional.of(part(lanes, begin, end))));
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
