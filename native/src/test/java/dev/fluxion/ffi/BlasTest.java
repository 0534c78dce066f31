package dev.fluxion.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BlasTest {
    static Stream<Gemm> products() {
        int[][] sizes = {{1, 1, 1}, {3, 5, 7}, {17, 1, 9}, {1, 33, 4}, {64, 10, 128}, {4, 4, 0}};
        float[][] factors = {{1, 0}, {0.5f, 2}, {0, 3}, {0, 0}};
        return Arrays.stream(sizes).flatMap(s -> Arrays.stream(factors).flatMap(f -> Stream.of(0, 1, 2, 3)
                .map(t -> Gemm.of(s[0], s[1], s[2])
                        .transpose((t & 1) != 0, (t & 2) != 0)
                        .scale(f[0], f[1]))
                .flatMap(g -> Stream.of(g, g.strides(g.strideA() + 3, g.strideB() + 1, g.strideC() + 2)))));
    }

    @ParameterizedTest
    @MethodSource("products")
    void agreesWithLoops(Gemm gemm) {
        try (Memory memory = Memory.allocate(3 * 65536 * 4)) {
            Slice[] slices = {memory.slice(0, 262144), memory.slice(262144, 262144), memory.slice(524288, 262144)};
            Random random = new Random(3);
            FloatBuffer[] floats = new FloatBuffer[3];
            for (int i = 0; i < 3; i++) {
                floats[i] = slices[i].floats();
                for (int j = 0; j < floats[i].limit(); j++) {
                    floats[i].put(j, random.nextFloat() - 0.5f);
                }
            }
            if (gemm.beta() == 0) {
                floats[2].put(0, Float.NaN);
            }
            double[] expected = expected(gemm, floats[0], floats[1], floats[2]);
            try (Call call = gemm.bind(slices[0], slices[1], slices[2])) {
                call.run();
            }
            for (int i = 0; i < expected.length; i++) {
                assertThat((double) floats[2].get(i)).isEqualTo(expected[i], Offset.offset(1e-4));
            }
        }
    }

    private static double[] expected(Gemm g, FloatBuffer a, FloatBuffer b, FloatBuffer c) {
        double[] result = new double[g.m() * g.strideC() + 5];
        Arrays.setAll(result, c::get);
        for (int i = 0; i < g.m(); i++) {
            for (int j = 0; j < g.n(); j++) {
                double sum = 0;
                for (int s = 0; s < g.k(); s++) {
                    sum += (double) a.get(g.transposeA() ? s * g.strideA() + i : i * g.strideA() + s)
                            * b.get(g.transposeB() ? j * g.strideB() + s : s * g.strideB() + j);
                }
                int at = i * g.strideC() + j;
                result[at] = g.alpha() * sum + (g.beta() == 0 ? 0 : g.beta() * result[at]);
            }
        }
        return result;
    }

    @Test
    void vectors() {
        try (Memory memory = Memory.allocate(256)) {
            Slice x = memory.slice(0, 20);
            Slice y = memory.slice(64, 20);
            Slice result = memory.slice(128, 4);
            x.floats().put(new float[] {1, 2, 3, 4, 5});
            y.floats().put(new float[] {5, 4, 3, 2, 1});
            Stream.of(
                            Blas.axpy(5, () -> 2, x, y),
                            Blas.scal(5, () -> 0.5, y),
                            Blas.dot(5, x, y, result),
                            Blas.copy(5, y, x))
                    .forEach(call -> {
                        call.run();
                        call.close();
                    });
            float[] sums = new float[5];
            x.floats().get(sums);
            assertThat(sums).containsExactly(3.5f, 4, 4.5f, 5, 5.5f);
            assertThat(result.floats().get(0)).isEqualTo(72.5f);
            assertThatThrownBy(() -> Blas.scal(6, () -> 1, x))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("x has 20 bytes")
                    .hasMessageContaining("6 floats");
            assertThatThrownBy(() -> Blas.copy(0, x, y)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void outerProductsAreAdded() {
        try (Memory memory = Memory.allocate(256)) {
            Slice x = memory.slice(0, 8);
            Slice y = memory.slice(64, 12);
            Slice a = memory.slice(128, 24);
            x.floats().put(new float[] {1, 2});
            y.floats().put(new float[] {3, 4, 5});
            double[] alpha = {10};
            try (Call call = Blas.ger(2, 3, () -> alpha[0], x, y, a)) {
                call.run();
                alpha[0] = 1;
                call.run();
            }
            float[] sums = new float[6];
            a.floats().get(sums);
            assertThat(sums).containsExactly(33, 44, 55, 66, 88, 110);
            assertThatThrownBy(() -> Blas.ger(3, 2, () -> 1, x, y, a))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("x has 8 bytes");
            assertThatThrownBy(() -> Blas.ger(2, 3, () -> 1, x, y, x)).hasMessageContaining("A has 8 bytes");
        }
    }

    @Test
    void badSizesAreRefusedBeforeTheLibrarySeesThem() {
        assertThatThrownBy(() -> Gemm.of(0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Gemm.of(1, 1, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Gemm.of(2, 3, 4).strides(3, 3, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2x4 by 4x3");
        try (Memory memory = Memory.allocate(256)) {
            Slice six = memory.slice(0, 24);
            assertThatThrownBy(() -> Gemm.of(2, 3, 2).bind(six, six, memory.slice(0, 20)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("C has 20 bytes");
        }
    }
}
