package dev.fluxion.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Sums, multiples and outer products of vectors of any length, wherever they lie, change what they should and nothing else. */
class BlasVectorsTest {
    private static final float GUARD = 1e30f;

    @Provide
    Arbitrary<Integer> lengths() {
        return Arbitraries.oneOf(
                Arbitraries.integers().between(1, 70),
                Arbitraries.integers().between(71, 5000),
                Arbitraries.of(1 << 16, 100_003));
    }

    @Provide
    Arbitrary<Integer> extents() {
        return Arbitraries.oneOf(Arbitraries.integers().between(1, 40), Arbitraries.of(64, 127, 128, 300));
    }

    @Provide
    Arbitrary<Double> factors() {
        return Arbitraries.of(0.0, -0.0, 1.0, -1.0, 0.1, -2.5, 1e-30, -1e10, Double.NaN, Double.POSITIVE_INFINITY);
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void axpyAdds(
            @ForAll("lengths") int n,
            @ForAll("factors") double alpha,
            @ForAll @IntRange(max = 20) int at,
            @ForAll @IntRange(max = 20) int to,
            @ForAll long seed) {
        try (Vectors vectors = new Vectors(seed, at, n, to, n)) {
            float[] x = vectors.floats(0);
            float[] y = vectors.floats(1);
            vectors.run(Blas.axpy(n, () -> alpha, vectors.slice(0), vectors.slice(1)));
            float[] sums = vectors.floats(1);
            for (int i = 0; i < n; i++) {
                close(sums[i], y[i], alpha == 0 ? 0 : (float) alpha * x[i]);
            }
            assertThat(vectors.floats(0)).isEqualTo(x);
        }
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void scalMultiplies(
            @ForAll("lengths") int n,
            @ForAll("factors") double alpha,
            @ForAll @IntRange(max = 20) int at,
            @ForAll long seed) {
        try (Vectors vectors = new Vectors(seed, at, n)) {
            float[] x = vectors.floats(0);
            vectors.run(Blas.scal(n, () -> alpha, vectors.slice(0)));
            float[] multiples = vectors.floats(0);
            for (int i = 0; i < n; i++) {
                close(multiples[i], 0, (float) alpha * x[i]);
            }
        }
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void gerAddsOuterProducts(
            @ForAll("extents") int m,
            @ForAll("extents") int n,
            @ForAll("factors") double alpha,
            @ForAll @IntRange(max = 20) int at,
            @ForAll @IntRange(max = 20) int to,
            @ForAll long seed) {
        try (Vectors vectors = new Vectors(seed, at, m, 20 - at, n, to, m * n)) {
            float[] x = vectors.floats(0);
            float[] y = vectors.floats(1);
            float[] a = vectors.floats(2);
            vectors.run(Blas.ger(m, n, () -> alpha, vectors.slice(0), vectors.slice(1), vectors.slice(2)));
            float[] sums = vectors.floats(2);
            for (int i = 0; i < m * n; i++) {
                close(sums[i], a[i], alpha == 0 ? 0 : (float) alpha * x[i / n] * y[i % n]);
            }
            assertThat(vectors.floats(0)).isEqualTo(x);
            assertThat(vectors.floats(1)).isEqualTo(y);
        }
    }

    @Example
    void whatIsAddedZeroTimesIsNotReadButWhatIsScaledIs() {
        try (Vectors vectors = new Vectors(1, 0, 40, 0, 40, 0, 1600)) {
            vectors.fill(0, Float.NaN);
            float[] y = vectors.floats(1);
            float[] a = vectors.floats(2);
            vectors.run(Blas.axpy(40, () -> 0, vectors.slice(0), vectors.slice(1)));
            vectors.run(Blas.ger(40, 40, () -> 0, vectors.slice(0), vectors.slice(1), vectors.slice(2)));
            assertThat(vectors.floats(1)).isEqualTo(y);
            assertThat(vectors.floats(2)).isEqualTo(a);
            vectors.run(Blas.scal(40, () -> 0, vectors.slice(0)));
            assertThat(vectors.floats(0)).containsOnly(Float.NaN);
        }
    }

    @Example
    void emptyVectorsAreRefused() {
        try (Vectors vectors = new Vectors(1, 0, 4, 0, 4)) {
            Slice x = vectors.slice(0);
            Slice y = vectors.slice(1);
            Stream.<Runnable>of(
                            () -> Blas.axpy(0, () -> 1, x, y),
                            () -> Blas.scal(-1, () -> 1, x),
                            () -> Blas.ger(0, 4, () -> 1, x, y, x),
                            () -> Blas.ger(4, 0, () -> 1, x, y, x))
                    .forEach(call -> assertThatThrownBy(call::run)
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("needs at least one float"));
        }
    }

    private static void close(float actual, float before, float added) {
        double sum = (double) before + added;
        double allowed = 0x1p-22 * ((double) Math.abs(before) + Math.abs(added));
        boolean same = actual == (float) sum || Math.abs(actual - sum) <= allowed;
        if (!same && !(Double.isNaN(sum) && Float.isNaN(actual))) {
            throw new AssertionError(before + " + " + added + ", not " + actual);
        }
    }

    /** Vectors of random floats between guards that nobody may write, given by their distances and lengths. */
    private static final class Vectors implements AutoCloseable {
        private static final int ROOM = 32;
        private final Memory memory;
        private final int[] starts;
        private final int[] lengths;

        Vectors(long seed, int... gapsAndLengths) {
            starts = new int[gapsAndLengths.length / 2];
            lengths = new int[starts.length];
            int end = 0;
            for (int i = 0; i < starts.length; i++) {
                starts[i] = end + ROOM + gapsAndLengths[2 * i];
                lengths[i] = gapsAndLengths[2 * i + 1];
                end = starts[i] + lengths[i];
            }
            memory = Memory.allocate((long) (end + ROOM) * Float.BYTES);
            FloatBuffer all = memory.slice().floats();
            for (int i = 0; i < end + ROOM; i++) {
                all.put(i, GUARD);
            }
            Random random = new Random(seed);
            for (int i = 0; i < starts.length; i++) {
                for (int j = 0; j < lengths[i]; j++) {
                    all.put(starts[i] + j, random.nextFloat() - 0.5f);
                }
            }
        }

        Slice slice(int i) {
            return memory.slice((long) starts[i] * Float.BYTES, (long) lengths[i] * Float.BYTES);
        }

        float[] floats(int i) {
            float[] out = new float[lengths[i]];
            slice(i).floats().get(0, out);
            return out;
        }

        void fill(int i, float value) {
            for (int j = 0; j < lengths[i]; j++) {
                slice(i).floats().put(j, value);
            }
        }

        /** Runs a call and sees to it that the guards are as they were. */
        void run(Call call) {
            call.run();
            call.close();
            FloatBuffer all = memory.slice().floats();
            int from = 0;
            for (int i = 0; i <= starts.length; i++) {
                int to = i < starts.length ? starts[i] : all.limit();
                for (int j = from; j < to; j++) {
                    if (all.get(j) != GUARD) {
                        throw new AssertionError("float " + j + " outside of the vectors is " + all.get(j));
                    }
                }
                from = i < starts.length ? to + lengths[i] : to;
            }
        }

        @Override
        public void close() {
            memory.close();
        }
    }
}
