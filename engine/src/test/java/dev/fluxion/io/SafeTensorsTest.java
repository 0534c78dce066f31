package dev.fluxion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafeTensorsTest {
    private static final String A = "'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}";

    @TempDir
    Path dir;

    @Test
    void readsWhatItWrote() throws IOException {
        Map<String, Tensor> tensors = samples();
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("epoch", "3");
        metadata.put("quote \" back \\ line \n tab \t nul \0", "größer 数 \uD83D\uDE00 /");
        Path file = dir.resolve("x.safetensors");
        SafeTensors.write(file, tensors, metadata);
        assertThat(SafeTensors.readWithNaN(file)).containsExactlyEntriesOf(tensors);
        assertThat(SafeTensors.metadata(file)).containsExactlyEntriesOf(metadata);
        byte[] once = Files.readAllBytes(file);
        SafeTensors.write(file, tensors, metadata);
        assertThat(file).hasBinaryContent(once);
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void whereAFileCannotBeWrittenItsOwnPathIsNamed() throws IOException {
        Path there = dir.resolve("there");
        Path lost = dir.resolve("lost").resolve("x.safetensors");
        Files.createDirectory(there);
        Files.createFile(dir.resolve("file"));
        Path within = dir.resolve("file").resolve("x");
        assertThatThrownBy(() -> SafeTensors.write(lost, Map.of()))
                .isInstanceOf(TensorFileException.class)
                .hasMessage(lost + ": the folder " + lost.getParent() + " does not exist");
        assertThatThrownBy(() -> SafeTensors.write(there, Map.of()))
                .isInstanceOf(TensorFileException.class)
                .hasMessage(there + ": expected a regular file");
        assertThatThrownBy(() -> SafeTensors.write(within, Map.of()))
                .isInstanceOf(TensorFileException.class)
                .hasMessage(within + ": " + within.getParent() + " is not a folder");
        Path deeper = within.resolve("y");
        assertThatThrownBy(() -> SafeTensors.write(deeper, Map.of()))
                .isInstanceOf(TensorFileException.class)
                .hasMessageStartingWith(deeper + ": cannot be written: ")
                .hasMessageNotContaining(".part");
        assertThat(there).isEmptyDirectory();
    }

    @Test
    void writesTheBytesOfTheFormat() throws IOException {
        Path file = dir.resolve("x");
        SafeTensors.write(file, Map.of("w", Tensor.vector(1f)), Map.of("k", "v"));
        String json =
                "{\"__metadata__\":{\"fluxion.header.crc32c\":\"5e5d7e7d\",\"fluxion.tensors.crc32c\":\"dd54c4ab\","
                        + "\"k\":\"v\"},\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
        assertThat(Files.readAllBytes(file))
                .isEqualTo(bytes(json + " ".repeat(8 - json.length() % 8), 0, 0, 0x80, 0x3f));
        SafeTensors.write(file, Map.of());
        assertThat(SafeTensors.read(file)).isEmpty();
        assertThat(SafeTensors.metadata(file)).isEmpty();
    }

    @Test
    void keepsEveryBitOfLargeTensors() throws IOException {
        float[] floats = new float[700_001];
        int[] ints = new int[262_145];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = Float.intBitsToFloat(0x7f7f0000 + i * 37);
        }
        Arrays.setAll(ints, i -> i * 0x9e3779b9);
        Path file = dir.resolve("x");
        SafeTensors.write(file, Map.of("f", Tensor.of(floats, Shape.of(floats.length)), "i", Tensor.labels(ints)));
        Map<String, Tensor> read = SafeTensors.readWithNaN(file);
        assertThat(read.get("i").ints()).isEqualTo(ints);
        for (int i = 0; i < floats.length; i++) {
            if (Float.floatToRawIntBits(read.get("f").floats()[i]) != Float.floatToRawIntBits(floats[i])) {
                throw new AssertionError("element " + i);
            }
        }
    }

    @Property(tries = 40)
    void anyNamesAndShapesComeBack(
            @ForAll @Size(max = 5) Map<String, @Size(max = 3) List<@IntRange(max = 4) Integer>> shapes)
            throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        shapes.forEach((name, dims) -> {
            if (StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
                tensors.put(
                        name,
                        Tensor.full(
                                name.length(),
                                dims.stream().mapToInt(Integer::intValue).toArray()));
            }
        });
        Path file = Files.createTempFile("property", ".safetensors");
        try {
            SafeTensors.write(file, tensors);
            assertThat(SafeTensors.read(file)).isEqualTo(tensors);
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void readsLongsThatFit() throws IOException {
        String header = "{'n':{'dtype':'I64','shape':[2],'data_offsets':[0,16]}}";
        byte[] fits = bytes(json(header), 5, 0, 0, 0, 0, 0, 0, 0, -2, -1, -1, -1, -1, -1, -1, -1);
        assertThat(SafeTensors.read(file(fits))).containsEntry("n", Tensor.labels(5, -2));
        byte[] large = bytes(json(header), 5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        assertThatThrownBy(() -> SafeTensors.read(file(large)))
                .isInstanceOf(TensorFileException.class)
                .hasMessageContaining("tensor 'n' holds 4294967301 at element [0], which int32 cannot hold");
    }

    @Test
    void takesAnyOrderSpaceAndEscape() throws IOException {
        String header =
                "{\n 'b\\u00e9\\uD83D\\ude00\\/' : { 'data_offsets' : [ 8 , 12 ] , 'shape' : [ ] , 'dtype' : 'I32' } ,\t"
                        + A + "} ";
        Map<String, Tensor> read = SafeTensors.read(file(bytes(json(header), 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0)));
        assertThat(read.keySet()).containsExactly("a", "bé\uD83D\uDE00/");
        assertThat(read.get("bé\uD83D\uDE00/")).isEqualTo(Tensor.of(new int[] {7}, Shape.scalar()));
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                arguments("{ ", 0, "expected '\"', found the end of the header"),
                arguments("[]", 0, "malformed at character 0: expected '{', found '['"),
                arguments("{} x", 0, "expected the end of the header, found 'x'"),
                arguments("{" + A, 8, "expected '}', found the end of the header"),
                arguments("{" + A + ",}", 8, "expected '\"', found '}'"),
                arguments("{" + A + "," + A + "}", 8, "the name 'a' comes twice"),
                arguments("{'__metadata__':{},'__metadata__':{}}", 0, "the name '__metadata__' comes twice"),
                arguments(" {}", 0, "malformed at character 0: expected '{', found ' '"),
                arguments("{'__metadata__':{'k':1}}", 0, "expected '\"', found '1'"),
                arguments("{'a':null}", 0, "expected '{', found 'n'"),
                arguments("{'a':{'dtype':'F32','shape':[2]}}", 8, "all of dtype, shape and data_offsets"),
                arguments("{" + A.replace("{", "{'x':1,") + "}", 8, "found 'x'"),
                arguments("{" + A.replace("{", "{'dtype':'F32',") + "}", 8, "'dtype' comes twice"),
                arguments("{" + A.replace("[0,8]", "[0]") + "}", 8, "must be two numbers, not 1"),
                arguments("{" + A.replace("[0,8]", "[0,8,8]") + "}", 8, "must be two numbers, not 3"),
                arguments(
                        "{" + A.replace("[2]", "[-2]") + "}",
                        8,
                        "expected a whole number of 1 to 18 digits, found '-'"),
                arguments("{" + A.replace("[2]", "[2.0]") + "}", 8, "expected ']', found '.'"),
                arguments("{" + A.replace("[2]", "[02]") + "}", 8, "whole number"),
                arguments("{" + A.replace("[2]", "[9999999999999999999]") + "}", 8, "whole number"),
                arguments("{" + A.replace("[2]", "[" + "1,".repeat(64) + "2]") + "}", 8, "at most 64 numbers"),
                arguments(
                        "{" + A.replace("[2]", "[3]") + "}",
                        8,
                        "of shape [3] and type F32 does not take the 8 bytes that its data_offsets [0, 8] enclose"),
                arguments("{" + A.replace("[0,8]", "[8,0]") + "}", 8, "does not take the -8 bytes"),
                arguments(
                        "{" + A.replace("[0,8]", "[8,16]") + "}", 16, "begins at byte 8 of the data, expected byte 0"),
                arguments("{" + A + "}", 7, "promises 8 bytes of data, the file has 7"),
                arguments("{" + A + "}", 9, "promises 8 bytes of data, the file has 9"),
                arguments(
                        "{" + A + "," + A.replace("'a'", "'b'") + "}",
                        8,
                        "begins at byte 0 of the data, expected byte 8"),
                arguments(
                        "{" + A + "," + A.replace("'a'", "'b'").replace("[0,8]", "[4,12]") + "}",
                        12,
                        "expected byte 8"),
                arguments(
                        "{" + A + "," + A.replace("'a'", "'b'").replace("[0,8]", "[12,20]") + "}",
                        20,
                        "expected byte 8"),
                arguments("{" + A.replace("[2]", "[65536,65536,2]") + "}", 8, "does not take the 8 bytes"),
                arguments("{" + A.replace("[2]", "[4294967296,4294967296,4]") + "}", 8, "does not take the 8 bytes"),
                arguments("{" + A.replace("[2]", "[4294967296,0]") + "}", 8, "does not take the 8 bytes"),
                arguments("{'a\n':{}}", 0, "a control character in a string"),
                arguments("{'\\x':{}}", 0, "expected an escape, found \\ and 'x'"),
                arguments("{'\\u12g4':{}}", 0, "expected four hexadecimal digits, found 'g'"),
                arguments("{'\\ud800':{}}", 0, "is not valid Unicode"),
                arguments("{'" + "n".repeat(500) + "':{}}", 0, "all of dtype"));
    }

    @ParameterizedTest(name = "{0} with {1} bytes")
    @MethodSource("hostile")
    void refuses(String header, int data, String message) throws IOException {
        Path file = file(Arrays.copyOf(bytes(json(header)), 8 + json(header).length() + data));
        assertThatExceptionOfType(TensorFileException.class)
                .isThrownBy(() -> SafeTensors.read(file))
                .withMessageStartingWith(file + ": ")
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600));
        assertThatThrownBy(() -> SafeTensors.metadata(file)).isInstanceOf(TensorFileException.class);
    }

    @Test
    void refusesBadHeaderLengths() throws IOException {
        for (long length : new long[] {0, 1, 100_000_001, Long.MAX_VALUE, -1, 3}) {
            byte[] content = bytes("{}");
            ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            assertThatThrownBy(() -> SafeTensors.read(file(content)))
                    .isInstanceOf(TensorFileException.class)
                    .hasMessageContaining(length == 3 ? "a header of 3 bytes, found 2" : Long.toUnsignedString(length));
        }
        byte[] notUtf8 = bytes("{ }");
        notUtf8[9] = (byte) 0xff;
        assertThatThrownBy(() -> SafeTensors.read(file(notUtf8))).hasMessageContaining("not valid UTF-8");
    }

    @Test
    void refusesAFileCutAnywhere() throws IOException {
        Path file = dir.resolve("x");
        SafeTensors.write(file, samples(), Map.of("k", "v"));
        byte[] whole = Files.readAllBytes(file);
        for (int n = 0; n < whole.length; n++) {
            Path cut = file(Arrays.copyOf(whole, n));
            assertThatThrownBy(() -> SafeTensors.readWithNaN(cut)).isInstanceOf(TensorFileException.class);
        }
    }

    @Test
    void saysWhatIsMissing() {
        assertThatThrownBy(() -> SafeTensors.read(dir.resolve("none")))
                .isInstanceOf(TensorFileException.class)
                .hasMessage(dir.resolve("none") + ": no such file");
        assertThatThrownBy(() -> SafeTensors.read(dir))
                .isInstanceOf(TensorFileException.class)
                .hasMessage(dir + ": expected a regular file");
    }

    @Test
    void tellsWhatIsNull() {
        Path file = dir.resolve("x");
        assertThat(refused(() -> SafeTensors.read(null))).isEqualTo("read: the file must not be null");
        assertThat(refused(() -> SafeTensors.metadata(null))).isEqualTo("read: the file must not be null");
        assertThat(refused(() -> SafeTensors.write(null, samples()))).isEqualTo("write: the file must not be null");
        assertThat(refused(() -> SafeTensors.write(file, null)))
                .isEqualTo("write: the map of tensors must not be null");
        assertThat(refused(() -> SafeTensors.write(file, samples(), null)))
                .isEqualTo("write: the metadata must not be null");
        assertThat(refused(() -> SafeTensors.write(file, Collections.singletonMap("w", null))))
                .isEqualTo("write: the tensor 'w' must not be null");
        assertThat(refused(() -> SafeTensors.write(file, Collections.singletonMap(null, Tensor.vector(1)))))
                .isEqualTo("write: the name of a tensor must not be null");
        assertThat(refused(() -> SafeTensors.write(file, samples(), Collections.singletonMap("k", null))))
                .isEqualTo("write: the text 'k' must not be null");
        assertThat(refused(() -> SafeTensors.write(file, samples(), Collections.singletonMap(null, "v"))))
                .isEqualTo("write: the name of a text must not be null");
        assertThat(file).doesNotExist();
    }

    private static String refused(ThrowingCallable call) {
        return catchThrowableOfType(IllegalArgumentException.class, call).getMessage();
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = dir.resolve("x");
        SafeTensors.write(file, samples());
        byte[] before = Files.readAllBytes(file);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SafeTensors.write(file, Map.of("__metadata__", Tensor.vector(1))))
                .withMessageContaining("reserves");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SafeTensors.write(file, Map.of("\ud800", Tensor.vector(1))))
                .withMessageContaining("not valid Unicode");
        assertThat(file).hasBinaryContent(before);
        Path taken = Files.createDirectory(dir.resolve("folder"));
        Files.write(taken.resolve("inside"), before);
        assertThatThrownBy(() -> SafeTensors.write(taken, samples())).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> SafeTensors.write(dir.resolve("no/such"), samples()))
                .isInstanceOf(IOException.class);
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files).containsExactlyInAnyOrder(file, taken);
        }
    }

    private static Map<String, Tensor> samples() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("2.weight", Tensor.of(new float[] {1, -2, Float.NaN, 4, Float.NEGATIVE_INFINITY, -0f}, 2, 3));
        tensors.put("empty", Tensor.zeros(3, 0));
        tensors.put("0.bias", Tensor.labels(Integer.MIN_VALUE, 7));
        tensors.put("", Tensor.scalar(5));
        return tensors;
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(dir.resolve("file.safetensors"), content);
    }

    private static String json(String withSingleQuotes) {
        return withSingleQuotes.replace('\'', '"');
    }

    private static byte[] bytes(String header, int... data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(text.length).put(text);
        for (int b : data) {
            out.put((byte) b);
        }
        return out.array();
    }
}
