package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.Stream;

/**
 * Layer normalisation by the library's kernels, which compute in float32 and know the variance of a row, not 1 / √(variance + ε).
 * Rows whose variance is no ordinary number there, or vanishes beside the mean, are left to {@link RowNorm}.
 */
public final class NativeNorm {
    /** The smallest number whose square root the library takes exactly. */
    private static final float SMALLEST = 1e-30f;

    private static final float LARGEST = 1e30f;

    /** So many deviations from zero the mean may lie: the deviations of the rounded mean are half as many units in the last place. */
    private static final float FAR = 64;

    private NativeNorm() {}

    /**
     * A step that normalises, and writes the variance where 1 / √(variance + ε) belongs.
     *
     * @param reads and {@code writes} as in {@link RowNorm#forward}
     */
    public static Step forward(Step step, double eps, List<Buffer> reads, List<Buffer> writes) {
        return with(step, step.reads(), step.scratch(), places -> () -> {}, places -> {
            RowNorm.Forward rows = new RowNorm.Forward(eps, places, reads, writes);
            return () -> {
                for (int row = 0; row < rows.mean.limit(); row++) {
                    float variance = (float) (rows.inverse.get(row) + eps);
                    float inverse = (float) (1 / Math.sqrt(variance));
                    rows.inverse.put(row, inverse);
                    if (!isOrdinary(variance) || !(Math.abs(rows.mean.get(row)) * inverse < FAR)) {
                        rows.row(row);
                    }
                }
            };
        });
    }

    /**
     * A step that gives the gradients, for an ε of 0.
     *
     * @param variance room for the variance of each row, which the step reads
     * @param reads and {@code writes} as in {@link RowNorm#backward}
     */
    public static Step backward(Step step, Buffer variance, List<Buffer> reads, List<Buffer> writes) {
        Step.Binder exact = RowNorm.backward(reads, writes);
        Step.Binder variances = places -> {
            FloatBuffer inverse = places.of(reads.get(3)).floats();
            FloatBuffer to = places.of(variance).floats();
            return () -> {
                for (int row = 0; row < inverse.limit(); row++) {
                    to.put(row, 1 / (inverse.get(row) * inverse.get(row)));
                }
            };
        };
        List<Buffer> scratch =
                Stream.concat(step.scratch().stream(), Stream.of(variance)).toList();
        return with(step, reads, scratch, variances, places -> {
            FloatBuffer all = places.of(variance).floats();
            Step.Kernel kernel = exact.bind(places);
            return () -> {
                if (!areOrdinary(all)) {
                    kernel.run();
                }
            };
        });
    }

    private static boolean areOrdinary(FloatBuffer variances) {
        for (int row = 0; row < variances.limit(); row++) {
            if (!isOrdinary(variances.get(row))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOrdinary(float variance) {
        return variance > SMALLEST && variance < LARGEST;
    }

    private static Step with(
            Step step, List<Buffer> reads, List<Buffer> scratch, Step.Binder before, Step.Binder after) {
        Step all = step.touching(reads, step.writes())
                .needing(scratch)
                .by(InTurn.of(List.of(before, step.binder(), after)));
        Room.require(all, RowNorm.NAME);
        return all;
    }
}
