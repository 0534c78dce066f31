package dev.fluxion.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayoutTest {
    private static Layout tagged(int tag, long... dims) {
        NativeLibrary.load();
        try (Handles handles = new Handles()) {
            return Layout.of(handles.create(
                            new dnnl_memory_desc(),
                            d -> dnnl.dnnl_memory_desc_create_with_tag(d, dims.length, dims, dnnl.dnnl_f32, tag),
                            dnnl::dnnl_memory_desc_destroy,
                            "tag"))
                    .orElseThrow();
        }
    }

    @Test
    void plain() {
        Layout layout = Layout.plain(2, 3, 4);
        assertThat(layout).hasToString("2x3x4 f32 abc").isEqualTo(Layout.plain(2, 3, 4));
        assertThat(layout.hashCode()).isEqualTo(Layout.plain(2, 3, 4).hashCode());
        assertThat(layout.bytes()).isEqualTo(96);
        assertThat(layout.isPlain() && layout.isDense()).isTrue();
        assertThat(Layout.plain(Layout.Type.U8, 2, 3).bytes()).isEqualTo(6);
        assertThat(Layout.plain(1, 1, 1, 5).tag("nchw")).isEqualTo("nchw");
        assertThat(Layout.plain(8, 16, 1, 1).tag("nchw")).isEqualTo("nchw");
    }

    @Test
    void blocked() {
        Layout image = tagged(dnnl.dnnl_aBcd8b, 2, 3, 5, 5);
        assertThat(image.tag("nchw")).isEqualTo("nChw8c");
        assertThat(image.bytes()).isEqualTo(2 * 8 * 25 * 4);
        assertThat(image.isDense() || image.isPlain()).isFalse();
        assertThat(image.isBlocked()).isTrue();
        assertThat(Layout.channelsLast(2, 3, 5, 5).isBlocked()).isFalse();
        Layout weights = tagged(dnnl.dnnl_ABcd8b8a, 16, 16, 3, 3);
        assertThat(weights.tag("oihw")).isEqualTo("OIhw8i8o");
        assertThat(weights.isDense()).isTrue();
        assertThat(image).isEqualTo(tagged(dnnl.dnnl_aBcd8b, 2, 3, 5, 5)).isNotEqualTo(Layout.plain(2, 3, 5, 5));
    }

    @Test
    void stridesOfSingleStepsDoNotMatter() {
        Layout last = Layout.strided(new long[] {2, 1, 4, 4}, new long[] {16, 1, 4, 1});
        assertThat(last).isEqualTo(Layout.plain(2, 1, 4, 4)).hasSameHashCodeAs(Layout.plain(2, 1, 4, 4));
        assertThat(last.isPlain()).isTrue();
    }

    @Test
    void stridedAndAny() {
        Layout gaps = Layout.strided(new long[] {4, 5}, new long[] {8, 1});
        assertThat(gaps).hasToString("4x5 f32 ab*");
        assertThat(gaps.isDense()).isFalse();
        assertThat(gaps.bytes()).as("up to the last element").isEqualTo((3 * 8 + 5) * 4);
        assertThat(Layout.strided(new long[] {4, 5}, new long[] {1, 4}).tag()).isEqualTo("ba");
        assertThat(Layout.any(4, 5)).hasToString("4x5 f32 any").isEqualTo(Layout.any(4, 5));
        assertThat(Layout.any(4, 5).bytes()).isZero();
    }

    @Test
    void reshapeAndPermute() {
        assertThat(Layout.plain(2, 3, 4, 4).reshape(2, 48)).contains(Layout.plain(2, 48));
        assertThat(tagged(dnnl.dnnl_aBcd8b, 2, 16, 4, 4).reshape(2, 256)).isEmpty();
        assertThat(Layout.plain(2, 3).permute(1, 0)).hasToString("3x2 f32 ba");
        assertThatThrownBy(() -> Layout.plain(2, 3).permute(0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void parts() {
        Layout rows = Layout.plain(4, 6);
        assertThat(rows.part(0, 1, 3)).contains(new Layout.Part(Layout.plain(2, 6), 24));
        assertThat(rows.part(1, 2, 5))
                .contains(new Layout.Part(Layout.strided(new long[] {4, 3}, new long[] {6, 1}), 8));
        assertThat(rows.part(0, 3, 5)).isEmpty();
        assertThat(rows.part(0, -1, 2)).isEmpty();
        assertThat(rows.part(0, 2, 2)).isEmpty();
        assertThat(Layout.any(4, 6).part(0, 0, 2)).isEmpty();
    }

    @Test
    void partsOfBlocks() {
        Layout image = tagged(dnnl.dnnl_aBcd8b, 1, 32, 5, 5);
        Layout half = tagged(dnnl.dnnl_aBcd8b, 1, 16, 5, 5);
        assertThat(image.part(1, 16, 32)).contains(new Layout.Part(half, 16 * 25 * 4));
        assertThat(half.bytes()).isEqualTo(16 * 25 * 4);
        assertThat(image.part(1, 0, 12)).as("cuts a block").isEmpty();
        assertThat(image.part(1, 4, 12)).as("cuts two blocks").isEmpty();
        Layout.Part row = image.part(2, 3, 5).orElseThrow();
        assertThat(row.start()).isEqualTo(3 * 5 * 8 * 4);
        assertThat(row.layout().isDense()).isFalse();
        assertThat(tagged(dnnl.dnnl_aBcd8b, 1, 12, 5, 5).part(1, 8, 12))
                .as("ends in padding")
                .isEmpty();
        Layout weights = tagged(dnnl.dnnl_ABcd8b8a, 32, 16, 3, 3);
        Layout.Part inputs = weights.part(1, 8, 16).orElseThrow();
        assertThat(inputs.start()).isEqualTo(8 * 8 * 9 * 4);
        assertThat(inputs.layout().bytes()).isEqualTo((3 * 2 + 1) * 8 * 8 * 9 * 4);
    }

    @Test
    void blocksOfFilters() {
        Layout weights = Layout.filterBlocks(48, 100, 8, 1, 1);
        assertThat(weights.tag()).isEqualTo("Acdb48a");
        assertThat(weights.bytes()).as("the last block is padded").isEqualTo(144 * 8 * 4);
        assertThat(weights.part(0, 0, 48)).contains(new Layout.Part(Layout.filterBlocks(48, 48, 8, 1, 1), 0));
        assertThat(weights.part(0, 48, 100))
                .contains(new Layout.Part(Layout.filterBlocks(48, 52, 8, 1, 1), 48 * 8 * 4));
        assertThat(weights.part(0, 48, 99)).as("cuts a block").isEmpty();
        assertThatThrownBy(() -> Layout.filterBlocks(7, 100, 8, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There are no layouts in blocks of 7");
    }

    @Test
    void resized() {
        assertThat(tagged(dnnl.dnnl_aBcd8b, 1, 16, 5, 5).resized(1, 32, 5, 5))
                .contains(tagged(dnnl.dnnl_aBcd8b, 1, 32, 5, 5));
        assertThat(Layout.channelsLast(1, 8, 4, 4).resized(2, 16, 3, 3)).contains(Layout.channelsLast(2, 16, 3, 3));
        assertThat(Layout.plain(2, 3).resized(5, 4)).contains(Layout.plain(5, 4));
        assertThat(Layout.strided(new long[] {2, 3}, new long[] {4, 1}).resized(2, 6))
                .isEmpty();
        assertThat(Layout.plain(2, 3).resized(6)).isEmpty();
        assertThat(Layout.any(2, 3).resized(2, 6)).isEmpty();
    }

    /** A single block is one of several when there are more elements. */
    @Test
    void withExtent() {
        Layout blocks = tagged(dnnl.dnnl_aBcd16b, 2, 16, 5, 5);
        assertThat(blocks.withExtent(3, 9)).contains(tagged(dnnl.dnnl_aBcd16b, 2, 16, 5, 9));
        assertThat(blocks.withExtent(1, 32)).isEmpty();
        assertThat(blocks.withExtent(1, 19)).isEmpty();
        assertThat(tagged(dnnl.dnnl_aBcd16b, 2, 17, 5, 5).withExtent(3, 9)).isEmpty();
        assertThat(Layout.channelsLast(1, 8, 4, 4).withExtent(1, 19)).contains(Layout.channelsLast(1, 19, 4, 4));
        assertThat(Layout.strided(new long[] {2, 3}, new long[] {4, 1}).withExtent(0, 3))
                .isEmpty();
    }

    /** Halves of the channels of an image whose channels lie side by side, and a column beside them. */
    @Test
    void alternating() {
        Layout half =
                Layout.channelsLast(1, 16, 4, 4).part(1, 0, 8).orElseThrow().layout();
        assertThat(half.alternates(half, 8 * 4)).isTrue();
        assertThat(half.alternates(half, -8 * 4)).isTrue();
        assertThat(half.alternates(half, 7 * 4)).isFalse();
        assertThat(half.alternates(half, 16 * 4)).isFalse();
        Layout most =
                Layout.channelsLast(1, 16, 4, 4).part(1, 0, 12).orElseThrow().layout();
        assertThat(half.alternates(most, 8 * 4))
                .as("ends where the next row begins")
                .isFalse();
        assertThat(most.alternates(half, 12 * 4))
                .as("ends where the next row begins")
                .isFalse();
        assertThat(half.alternates(Layout.plain(8), 24 * 4)).as("in a gap").isTrue();
        assertThat(Layout.plain(8).alternates(half, -24 * 4)).as("in a gap").isTrue();
        assertThat(half.alternates(Layout.plain(9), 24 * 4)).isFalse();
        assertThat(Layout.plain(8).alternates(half, -23 * 4)).isFalse();
        assertThat(half.alternates(Layout.plain(24), 8 * 4))
                .as("more than a gap")
                .isFalse();
        Layout rows = Layout.plain(4, 4);
        assertThat(rows.alternates(rows, 32)).isFalse();
        assertThat(Layout.any(4, 4).alternates(rows, 32))
                .as("in no known order")
                .isFalse();
    }

    @Test
    void strides() {
        assertThat(Layout.plain(2, 3).permute(1, 0).strides()).containsExactly(1, 3);
        assertThat(tagged(dnnl.dnnl_aBcd8b, 2, 16, 4, 4).strides()).isEmpty();
    }

    @Test
    void badDimensions() {
        assertThatThrownBy(Layout::plain).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Layout.any(3, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[3, 0]");
        assertThatThrownBy(() -> Layout.strided(new long[] {2}, new long[] {1, 1}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"0, 64", "100, 64", "70000, 4096", "5000000, 4096"})
    void memoryIsAlignedAndZero(long bytes, long alignment) {
        try (Memory memory = Memory.allocate(bytes)) {
            assertThat(memory.slice().address() % alignment).isZero();
            for (int i = 0; i < bytes / 4; i += 97) {
                assertThat(memory.slice().floats().get(i)).isZero();
            }
        }
    }

    @Test
    void slicesStayInside() {
        Memory memory = Memory.allocate(128);
        Slice slice = memory.slice(64, 64);
        slice.floats().put(0, 2.5f);
        assertThat(memory.slice().floats().get(16)).isEqualTo(2.5f);
        assertThat(slice.slice(0, 4).ints().get(0)).isEqualTo(Float.floatToIntBits(2.5f));
        assertThatThrownBy(() -> memory.slice(65, 64))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("128 bytes");
        assertThatThrownBy(() -> memory.slice(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> slice.slice(1, 64)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> slice.slice(1, Long.MAX_VALUE)).isInstanceOf(IndexOutOfBoundsException.class);
        memory.close();
        assertThatThrownBy(slice::floats).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(slice::address).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Memory.allocate(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Memory.allocate(1L << 60))
                .isInstanceOf(NativeException.class)
                .hasMessageContaining("no block");
    }

    /** Sizes are those of unbounded integers, or refused: no product of dimensions and strides overflows. */
    @Property(tries = 500)
    void bytesAreExactOrRefused(
            @ForAll @Size(min = 4, max = 4) List<@IntRange(max = 62) Integer> powers,
            @ForAll @Size(min = 4, max = 4) List<@IntRange(min = -1, max = 1) Integer> others,
            @ForAll @IntRange(max = 60) int stride) {
        long[] dims = new long[4];
        Arrays.setAll(dims, i -> Math.max((1L << powers.get(i)) + others.get(i), 1));
        BigInteger elements =
                LongStream.of(dims).mapToObj(BigInteger::valueOf).reduce(BigInteger.ONE, BigInteger::multiply);
        for (Function<long[], Layout> layout :
                List.<Function<long[], Layout>>of(Layout::plain, Layout::any, Layout::channelsLast)) {
            bytes(() -> layout.apply(dims))
                    .ifPresentOrElse(
                            bytes -> assertThat(BigInteger.valueOf(bytes)).isIn(elements.shiftLeft(2), BigInteger.ZERO),
                            () -> assertThat(elements.bitLength()).isGreaterThan(48));
        }
        long[] few = {2, 3};
        BigInteger reach = BigInteger.ONE.shiftLeft(stride).multiply(BigInteger.valueOf(5));
        bytes(() -> Layout.strided(few, new long[] {3L << stride, 1L << stride}))
                .ifPresentOrElse(
                        bytes -> assertThat(BigInteger.valueOf(bytes))
                                .isEqualTo(reach.add(BigInteger.ONE).shiftLeft(2)),
                        () -> assertThat(reach.bitLength()).isGreaterThan(46));
    }

    private static Optional<Long> bytes(Supplier<Layout> layout) {
        try {
            return Optional.of(layout.get().bytes());
        } catch (IllegalArgumentException refused) {
            assertThat(refused).hasMessageContaining("2⁴⁸");
            return Optional.empty();
        }
    }
}
