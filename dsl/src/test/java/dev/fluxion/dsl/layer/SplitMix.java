package dev.fluxion.dsl.layer;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** SplitMix64, which the recording scripts have, too: 24 random bits a number, in [0, 1). */
final class SplitMix {
    private static final long STEP = 0x9E3779B97F4A7C15L;

    private long state;

    SplitMix(long seed) {
        this.state = seed;
    }

    double next() {
        state += STEP;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        z ^= z >>> 31;
        return (z >>> 40) * 0x1p-24;
    }

    /** Leaves so many numbers out. */
    void skip(int count) {
        state += count * STEP;
    }

    /** So many integers from the first on. */
    int[] ints(int count, int first, int range) {
        return IntStream.range(0, count)
                .map(i -> first + (int) (next() * range))
                .toArray();
    }

    /** A function of the next numbers. */
    Tensor tensor(Shape shape, DoubleUnaryOperator of) {
        float[] data = new float[shape.size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) of.applyAsDouble(next());
        }
        return Tensor.of(data, shape);
    }
}
