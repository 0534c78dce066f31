package dev.fluxion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TypesTest {
    private static final float INF = Float.POSITIVE_INFINITY;

    @TempDir
    Path dir;

    static Stream<Arguments> read() {
        return Stream.of(
                arguments(
                        "F16",
                        shorts(0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x7c00, 0xfc00, 0x8000, 0x3555),
                        Tensor.vector(1, -2, 65504, 0x1p-24f, 1023 * 0x1p-24f, 0x1p-14f, INF, -INF, -0f, 0x1.554p-2f)),
                arguments(
                        "BF16",
                        shorts(0x3f80, 0xc000, 0x7f7f, 0x0001, 0x7f80, 0x8000, 0x4049),
                        Tensor.vector(1, -2, 0x1.fep127f, 0x1p-133f, INF, -0f, 3.140625f)),
                arguments(
                        "F64",
                        doubles(0.1, -1e38, 1e-45, -0.0, Double.NEGATIVE_INFINITY),
                        Tensor.vector(0.1f, -1e38f, Float.MIN_VALUE, -0f, -INF)),
                arguments("F32", ints(0x3f800000), Tensor.vector(1)),
                arguments("BOOL", new byte[] {0, 1}, Tensor.labels(0, 1)),
                arguments("U8", new byte[] {0, -1}, Tensor.labels(0, 255)),
                arguments("I8", new byte[] {127, -1}, Tensor.labels(127, -1)),
                arguments("U16", shorts(0, 0xffff), Tensor.labels(0, 65535)),
                arguments("I16", shorts(0x7fff, 0xffff), Tensor.labels(32767, -1)),
                arguments("U32", ints(Integer.MAX_VALUE), Tensor.labels(Integer.MAX_VALUE)),
                arguments("I32", ints(-5), Tensor.labels(-5)),
                arguments("U64", longs(Integer.MAX_VALUE), Tensor.labels(Integer.MAX_VALUE)),
                arguments("I64", longs(Integer.MIN_VALUE, 3), Tensor.labels(Integer.MIN_VALUE, 3)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("read")
    void areRead(String type, byte[] data, Tensor expected) throws IOException {
        byte[] content = Crafted.tensor(type, "[" + expected.size() + "]", data);
        assertThat(SafeTensors.read(file(content))).containsOnly(Map.entry("w", expected));
    }

    static Stream<Arguments> unfit() {
        return Stream.of(
                arguments("F64", doubles(1, 1e39), "holds 1.0E39 at element [1], which float32 cannot hold"),
                arguments("F64", doubles(1, 1e-60), "holds 1.0E-60 at element [1], which float32 cannot hold"),
                arguments("BOOL", new byte[] {1, 2}, "holds 2 at element [1], which int32 cannot hold"),
                arguments("BOOL", new byte[] {1, -1}, "holds 255 at element [1]"),
                arguments("U32", ints(0, -1), "holds 4294967295 at element [1], which int32 cannot hold"),
                arguments("I64", longs(0, 1L << 31), "holds 2147483648 at element [1]"),
                arguments("I64", longs(0, Long.MIN_VALUE), "holds -9223372036854775808 at element [1]"),
                arguments("U64", longs(0, -1), "holds 18446744073709551615 at element [1]"));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("unfit")
    void whatDoesNotFitIsNamed(String type, byte[] data, String message) throws IOException {
        Path file = file(Crafted.tensor(type, "[2]", data));
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(TensorFileException.class)
                .hasMessageStartingWith(file + ": tensor 'w' holds ")
                .hasMessageContaining(message);
    }

    @Test
    void theElementIsNamedBehindTheFirstMegabyte() throws IOException {
        ByteBuffer data = Crafted.littleEndian(8 * 600 * 500);
        data.putLong(8 * (431 * 500 + 7), Long.MAX_VALUE);
        data.putLong(8 * (599 * 500 + 499), Long.MAX_VALUE);
        Path file = file(Crafted.tensor("I64", "[600,500]", data.array()));
        assertThatThrownBy(() -> SafeTensors.read(file)).hasMessageContaining("at element [431, 7], which");
    }

    @ParameterizedTest
    @CsvSource({"F16,0x7e01,2", "BF16,0xffc1,2", "F32,0x7fc00000,4"})
    void nanIsRefusedUnlessAskedFor(String type, String bits, int bytes) throws IOException {
        ByteBuffer data = Crafted.littleEndian(4).putInt(Integer.decode(bits));
        byte[] element = Arrays.copyOf(data.array(), bytes);
        Path file = file(Crafted.tensor(type, "[1,1]", element));
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(TensorFileException.class)
                .hasMessage(file + ": tensor 'w' is NaN at element [0, 0]; readWithNaN reads it all the same");
        assertThat(SafeTensors.readWithNaN(file))
                .containsOnly(Map.entry("w", Tensor.of(new float[] {Float.NaN}, 1, 1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"F8_E4M3", "F8_E5M2", "F4", "C64", "", "f32"})
    void anOddTensorLeavesTheOthersReadable(String type) throws IOException {
        String header = "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},"
                + "'odd':{'dtype':'" + type + "','shape':[5],'data_offsets':[1,4]},"
                + "'z':{'dtype':'U8','shape':[],'data_offsets':[4,5]}}";
        Path file = file(Crafted.file(header, 7, 0, 0, 0, 9));
        Map<String, Tensor> rest = Map.of("a", Tensor.labels(7), "z", Tensor.of(new int[] {9}, Shape.scalar()));
        assertThat(SafeTensors.read(file)).isEqualTo(rest);
        assertThat(SafeTensors.read(file, List.of("z", "a"))).isEqualTo(rest);
        assertThatThrownBy(() -> SafeTensors.read(file, List.of("a", "odd")))
                .isInstanceOf(TensorFileException.class)
                .hasMessage(file + ": tensor 'odd' has the element type " + type + "; only [F16, BF16, F32, F64, BOOL, "
                        + "U8, I8, U16, I16, U32, I32, U64, I64] can be read");
        assertThatThrownBy(() -> SafeTensors.read(file, List.of("b")))
                .isInstanceOf(TensorFileException.class)
                .hasMessage(file + ": there is no tensor 'b'; there are [a, odd, z]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[0]", "[3,0]", "[65536,65536,0]", "[0,2147483647,2147483647,2147483647]"})
    void emptyTensorsHaveAnyExtents(String shape) throws IOException {
        Tensor read = SafeTensors.read(file(Crafted.tensor("I64", shape, new byte[0])))
                .get("w");
        assertThat(read.size()).isZero();
        assertThat(Arrays.toString(read.shape().dims()).replace(" ", "")).isEqualTo(shape);
    }

    @Test
    void anExtentThatNoTensorHasLeavesTheOthersReadable() throws IOException {
        String header = "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},"
                + "'odd':{'dtype':'F32','shape':[4294967296,0],'data_offsets':[1,1]}}";
        Path file = file(Crafted.file(header, 7));
        assertThat(SafeTensors.read(file)).containsOnlyKeys("a");
        assertThatThrownBy(() -> SafeTensors.read(file, List.of("odd")))
                .hasMessage(file + ": tensor 'odd' of shape [4294967296, 0] has an extent of more than 2³¹−1");
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(dir.resolve("file"), content);
    }

    private static byte[] shorts(int... values) {
        ByteBuffer out = Crafted.littleEndian(2 * values.length);
        for (int value : values) {
            out.putShort((short) value);
        }
        return out.array();
    }

    private static byte[] ints(int... values) {
        ByteBuffer out = Crafted.littleEndian(4 * values.length);
        out.asIntBuffer().put(values);
        return out.array();
    }

    private static byte[] longs(long... values) {
        ByteBuffer out = Crafted.littleEndian(8 * values.length);
        out.asLongBuffer().put(values);
        return out.array();
    }

    private static byte[] doubles(double... values) {
        ByteBuffer out = Crafted.littleEndian(8 * values.length);
        out.asDoubleBuffer().put(values);
        return out.array();
    }
}
