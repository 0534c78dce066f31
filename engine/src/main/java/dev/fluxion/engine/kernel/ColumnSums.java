package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Blas;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sums along axes of a row-major tensor, by products of the rows of its {@link Blocks} with ones. The order of a sum follows from the
 * number of rows alone: stretches of 128 rows add up in single precision, and they in double precision. Threads share the stretches.
 */
public final class ColumnSums {
    private static final String NATIVE = "openblas";
    private static final int STRETCH = 128;
    private static final float[] ONES = ones();

    private final String operator;
    private final String origin;
    private final Buffer from;
    private final Buffer to;
    private final Blocks blocks;
    private final int results;
    /** The stretches of a block. */
    private final int stretches;

    private ColumnSums(String operator, String origin, Shape in, Shape out, Buffer from, Buffer to) {
        this.operator = operator;
        this.origin = origin;
        this.from = from;
        this.to = to;
        this.blocks = Blocks.of(in, out);
        this.results = out.size();
        this.stretches = (blocks.rows() + STRETCH - 1) / STRETCH;
    }

    private static float[] ones() {
        float[] ones = new float[STRETCH];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** Whether rows that are added up are at least so wide, and blocks of them so large. */
    public static boolean isWide(Shape in, Shape out, int width, int size) {
        Blocks blocks = Blocks.of(in, out);
        return blocks.width() >= width && blocks.rows() * blocks.width() >= size;
    }

    /** The step of a sum of {@code in} into {@code out}, whose reduced extents are 1. */
    public static Step step(String operator, String origin, Shape in, Shape out, Buffer from, Buffer to) {
        return new ColumnSums(operator, origin, in, out, from, to).step();
    }

    /** Matrices of so many rows, one after the other, from a stretch of all on. */
    private record Part(int stretch, int matrices, int rows) {}

    private Step step() {
        Part all = new Part(0, blocks.count(), blocks.rows());
        Buffer sums = sums();
        Step whole = part(all, from, sums);
        List<Buffer> scratch = new ArrayList<>(whole.scratch());
        scratch.add(sums);
        Step step = new Step(
                operator,
                origin,
                List.of(from),
                List.of(to),
                scratch,
                false,
                NATIVE,
                whole.flops(),
                ScheduleKey.SERIAL,
                InTurn.of(List.of(whole.binder(), places -> total(places, sums))));
        return step.shared((count, library) -> parts(count));
    }

    private Buffer sums() {
        return Buffer.temporary("sums of stretches", Layout.plain(blocks.count(), stretches, blocks.width()));
    }

    /** Whole blocks, or stretches of a single one. */
    private List<Step> parts(int count) {
        boolean single = blocks.count() == 1;
        int all = single ? stretches : blocks.count();
        if (all < count) {
            return List.of();
        }
        Buffer sums = sums();
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int begin = (int) ((long) all * i / count);
            int end = (int) ((long) all * (i + 1) / count);
            Part part = single
                    ? new Part(begin, 1, Math.min(end * STRETCH, blocks.rows()) - begin * STRETCH)
                    : new Part(begin * stretches, end - begin, blocks.rows());
            steps.add(part(part, from, sums).at(ScheduleKey.part(i)));
        }
        steps.add(Step.of("total", origin, List.of(sums), List.of(to), "java:reduce", places -> total(places, sums)));
        return steps;
    }

    private Step part(Part part, Buffer x, Buffer sums) {
        int own = (part.rows + STRETCH - 1) / STRETCH;
        int size = part.matrices * part.rows * blocks.width();
        long first = (long) part.stretch / stretches * blocks.rows() + (long) (part.stretch % stretches) * STRETCH;
        Buffer read = x.part(x.name(), () -> first * blocks.width() * Float.BYTES, Layout.plain(size));
        Buffer written = sums.part(
                sums.name(),
                () -> (long) part.stretch * blocks.width() * Float.BYTES,
                Layout.plain(part.matrices, own, blocks.width()));
        Buffer ones = Buffer.scratch("ones", () -> (long) STRETCH * Float.BYTES);
        return new Step(
                operator,
                origin,
                List.of(read),
                List.of(written),
                List.of(ones),
                false,
                NATIVE,
                size,
                ScheduleKey.SERIAL,
                places -> new Stretches(
                        Blas.columnSums(
                                part.matrices,
                                part.rows,
                                blocks.width(),
                                STRETCH,
                                places.of(read),
                                places.of(ones),
                                places.of(written)),
                        places.of(ones).floats(),
                        places.of(written).floats(),
                        blocks.width()));
    }

    /** The sums of stretches. */
    private static final class Stretches implements Step.Kernel {
        private final Call call;
        private final FloatBuffer ones;
        private final FloatBuffer sums;
        private final float[] zeros;

        Stretches(Call call, FloatBuffer ones, FloatBuffer sums, int width) {
            this.call = call;
            this.ones = ones;
            this.sums = sums;
            this.zeros = new float[width];
        }

        @Override
        public void run() {
            ones.put(0, ONES);
            for (int i = 0; i < sums.limit(); i += zeros.length) {
                sums.put(i, zeros);
            }
            call.run();
        }

        @Override
        public void close() {
            call.close();
        }
    }

    private Step.Kernel total(Step.Places places, Buffer sums) {
        FloatBuffer stretch = places.of(sums).floats();
        FloatBuffer result = places.of(to).floats();
        double[] total = new double[results];
        float[] some = new float[blocks.width()];
        return () -> {
            Arrays.fill(total, 0);
            for (int i = 0; i < blocks.count() * stretches; i++) {
                stretch.get(i * some.length, some);
                add(total, blocks.target(i / stretches), some);
            }
            for (int i = 0; i < total.length; i++) {
                result.put(i, (float) total[i]);
            }
        };
    }

    private static void add(double[] total, int target, float[] some) {
        for (int i = 0; i < some.length; i++) {
            total[target + i] += some[i];
        }
    }
}
