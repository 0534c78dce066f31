package dev.fluxion.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No geometry reaches a kernel that is not made for it. */
class GeometryTest {
    /** How many geometries are drawn; the profile "sweep" draws more. */
    private static final int GEOMETRIES = Integer.getInteger("fluxion.geometries", 500);

    @ParameterizedTest
    @ValueSource(strings = {"DEFAULT", "AVX2"})
    void drawnOnesAreComputedAsByLoops(String instructions) throws Exception {
        int half = GEOMETRIES / 2;
        int first = instructions.equals("AVX2") ? half : 0;
        assertThat(child(Map.of("ONEDNN_MAX_CPU_ISA", instructions), GeometrySweep.class, first + "", half + ""))
                .isEqualTo(half + " geometries agree");
    }

    /** The last thing that a process says before it ends, by itself or by a crash. */
    private static String child(Map<String, String> environment, Class<?> main, String... arguments) throws Exception {
        Child.Result result = Child.run(Child.classPath(), environment, main, arguments);
        String last = result.output()
                .lines()
                .filter(line -> line.matches("\\d+ .*|Exception in .*"))
                .reduce("", (a, b) -> b);
        return result.status() == 0 ? last : "status " + result.status() + " after " + last;
    }

    /** Columns of results beyond the image: of 35 such geometries, seven crashed. */
    @Test
    void columnsOfPaddingAreNotForKernelsMadeOfProducts() {
        Window window = Window.of(1, 1).stride(4, 4).dilation(2, 2).padding(3, 3);
        assertNotOffered(
                Convolution.of(Layout.any(2, 12, 4, 1), Layout.any(6, 12, 1, 1), Layout.any(2, 6, 3, 2), window));
    }

    /** Rows were taken for columns, and the step from column to column was made between them. */
    @Test
    void aSingleColumnOfStepsIsNotForKernelsMadeOfProducts() {
        assertNotOffered(Convolution.of(
                Layout.channelsLast(1, 1, 4, 3),
                Layout.any(25, 1, 5, 3),
                Layout.channelsLast(1, 25, 6, 1),
                Window.of(5, 3).stride(1, 4).padding(3, 0)));
    }

    private static void assertNotOffered(Convolution convolution) {
        for (Pass pass : List.of(Pass.INFERENCE, Pass.TRAINING, Pass.BACKWARD)) {
            for (Primitive primitive : Primitive.all(convolution.pass(pass))) {
                try (primitive) {
                    assertThat(primitive.implementation()).doesNotContain("brg_conv_fwd");
                }
            }
        }
    }

    @Test
    void whatKernelsCannotCountInIsNotOffered() throws Exception {
        assertThat(child(Map.of(), Extremes.class)).isEqualTo("0 kernels for 270 extremes");
    }

    @Test
    void imagesOfMoreBytesAreNotOffered() {
        Layout image = Layout.plain(1, 1, 25_000, 25_000);
        assertThat(Primitive.all(Convolution.of(image, Layout.any(1, 1, 1, 1), image, Window.of(1, 1))))
                .isEmpty();
        assertThat(Primitive.all(Pooling.of(Pooling.Kind.MAX, image, image, Window.of(1, 1))))
                .isEmpty();
    }

    /** Asks for kernels for padding, steps and gaps near 2³¹. */
    static final class Extremes {
        public static void main(String[] arguments) {
            long[] sizes = {1 << 15, 1 << 20, (1 << 30) - 1, 1 << 30, Integer.MAX_VALUE};
            int asked = 0;
            int offered = 0;
            for (long kernel : sizes) {
                for (long pad : new long[] {0, kernel / 2, Integer.MAX_VALUE}) {
                    for (Window window : List.of(
                            Window.of(1, 2)
                                    .stride(kernel, 1)
                                    .dilation(1, kernel)
                                    .padding(pad, pad),
                            Window.of(2, 1)
                                    .stride(1, kernel)
                                    .dilation(kernel, 1)
                                    .padding(pad, pad),
                            Window.of(kernel, kernel).stride(kernel, kernel).padding(pad, pad))) {
                        for (Operation operation : operations(window)) {
                            System.out.println(asked++ + " " + operation);
                            List<Primitive> all = Primitive.all(operation);
                            offered += all.size();
                            all.forEach(Primitive::close);
                        }
                    }
                }
            }
            System.out.println(offered + " kernels for " + asked + " extremes");
        }

        private static List<Operation> operations(Window window) {
            Layout x = Layout.plain(1, 1, 10, 10);
            Layout y = Layout.plain(1, 1, places(window, 0), places(window, 1));
            Layout w = Layout.any(
                    1,
                    1,
                    Math.min(window.kernel().get(0), 1 << 16),
                    Math.min(window.kernel().get(1), 1 << 16));
            Convolution convolution = Convolution.of(x, w, y, window);
            Pooling pooling = Pooling.of(Pooling.Kind.MAX, x, y, window);
            return List.of(
                    convolution,
                    convolution.pass(Pass.BACKWARD),
                    convolution.pass(Pass.BACKWARD_WEIGHTS),
                    pooling,
                    pooling.pass(Pass.TRAINING),
                    Pooling.of(Pooling.Kind.PADDED_MEAN, x, y, window).pass(Pass.BACKWARD));
        }

        private static long places(Window window, int dimension) {
            return Math.min(Math.max(1, window.places(dimension, 10)), 1 << 16);
        }
    }

    @Property
    void seeOnlyPaddingIfNoTapOfAPlaceIsInside(
            @ForAll @IntRange(min = 1, max = 12) int size,
            @ForAll @IntRange(min = 1, max = 5) int kernel,
            @ForAll @IntRange(min = 1, max = 5) int stride,
            @ForAll @IntRange(min = 1, max = 5) int dilation,
            @ForAll @IntRange(max = 12) int before,
            @ForAll @IntRange(min = -3, max = 12) int after) {
        Window window =
                Window.of(kernel).stride(stride).dilation(dilation).padding(new long[] {before}, new long[] {after});
        boolean some = LongStream.range(0, window.places(0, size))
                .map(place -> place * stride - before)
                .anyMatch(at -> IntStream.range(0, kernel)
                        .mapToLong(tap -> at + (long) tap * dilation)
                        .allMatch(i -> i < 0 || i >= size));
        assertThat(window.seesOnlyPadding(0, size)).isEqualTo(some);
    }

    @Test
    void windowsAreCountable() {
        long beyond = 1L << 31;
        Window window = Window.of(3);
        assertThat(window.dilation(beyond - 1).places(0, 1L << 40)).isEqualTo((1L << 40) - 2 * (beyond - 1));
        for (long wrong : new long[] {beyond, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> window.dilation(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("below 2³¹")
                    .hasMessageContaining("[" + wrong + "]");
            assertThatThrownBy(() -> window.padding(wrong)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> window.stride(wrong)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Window.of(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
