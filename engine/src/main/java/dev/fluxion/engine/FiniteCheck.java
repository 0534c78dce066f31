package dev.fluxion.engine;

import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Blas;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.util.function.LongSupplier;

/**
 * Stops a training step before its update when a number is NaN or infinite. The sum of the squares, which BLAS computes
 * fast, is finite if all numbers are, but for overflow; only where it is not, the numbers are looked at.
 */
final class FiniteCheck implements Step.Kernel {
    private static final int CHUNK = 1024;

    private final FloatBuffer values;
    private final Call squares;
    private final FloatBuffer sum;
    private final int count;
    private final LongSupplier step;
    private final Name name;
    private final float[] chunk;

    /** Names the number at a position. */
    interface Name {
        String at(int position);
    }

    FiniteCheck(Slice values, Slice sum, int count, LongSupplier step, Name name) {
        this.values = values.floats();
        this.sum = sum.floats();
        this.squares = Blas.dot(count, values, values, sum);
        this.count = count;
        this.step = step;
        this.name = name;
        this.chunk = new float[Math.min(count, CHUNK)];
    }

    @Override
    public void run() {
        squares.run();
        if (!Float.isFinite(sum.get(0))) {
            search();
        }
    }

    @Override
    public void close() {
        squares.close();
    }

    private void search() {
        for (int start = 0; start < count; start += CHUNK) {
            int n = Math.min(CHUNK, count - start);
            values.get(start, chunk, 0, n);
            if (!isFinite(chunk, n)) {
                fail(start, n);
            }
        }
    }

    private void fail(int start, int n) {
        for (int i = 0; i < n; i++) {
            if (!Float.isFinite(chunk[i])) {
                throw new ValueException(Errors.diverged(step.getAsLong(), name.at(start + i), chunk[i]));
            }
        }
    }

    /**
     * Refuses numbers that are not finite.
     *
     * @throws ValueException that tells the first of them
     */
    static void requireFinite(String name, float[] values, Shape shape) {
        if (!isFinite(values, values.length)) {
            int i = notFinite(values);
            throw new ValueException(Errors.notFinite(name, values[i], i, shape));
        }
    }

    /** Where the first number is that is not finite; there is one. */
    static int notFinite(float[] values) {
        int i = 0;
        while (Float.isFinite(values[i])) {
            i++;
        }
        return i;
    }

    /** Whether all numbers are finite: x·0 is NaN for those that are not, and NaN survives the sum. */
    static boolean isFinite(float[] x, int n) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int i = 0;
        for (; i + 3 < n; i += 4) {
            a += x[i] * 0;
            b += x[i + 1] * 0;
            c += x[i + 2] * 0;
            d += x[i + 3] * 0;
        }
        for (; i < n; i++) {
            a += x[i] * 0;
        }
        return a + b + c + d == 0;
    }
}
