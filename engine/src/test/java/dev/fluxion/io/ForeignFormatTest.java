package dev.fluxion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ForeignFormatTest {
    @TempDir
    Path dir;

    static Stream<Arguments> files() throws IOException {
        return Stream.of(
                arguments(
                        zip("archive/data.pkl"),
                        "found a PyTorch file (a zip archive with a pickle in it); PyTorchFile.read reads it"),
                arguments(zip("arr_0.npy"), "found an npz archive of NumPy arrays; in Python"),
                arguments(zip("config.json"), "found a zip archive, as PyTorch (.pth, .pt), NumPy (.npz) and Keras"),
                arguments(bytes("\u0080\2\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\31."), "found a pickle, as PyTorch"),
                arguments(bytes("\u0080\4\u0095\5\0\0\0\0\0\0\0K\1."), "found a pickle; in Python"),
                arguments(bytes("\u0089HDF\r\n\32\n\0\0\0"), "found an HDF5 file, as Keras writes it"),
                arguments(bytes("GGUF\3\0\0\0\1\0\0\0"), "found a GGUF file"),
                arguments(bytes("\u0093NUMPY\1\0v\0{'descr'"), "found a NumPy array"),
                arguments(gzip(), "found a gzip file; unpack it first"),
                arguments(bytes("version https://git-lfs.github.com/spec/v1\noid"), "git lfs pull"),
                arguments(bytes("<!DOCTYPE html><html>"), "found a web page"),
                arguments(bytes("{\"metadata\": {\"total_size\": 1}}"), "found JSON, perhaps the index"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("files")
    void isToldAsWhatItIs(byte[] content, String message) throws IOException {
        Path file = Files.write(dir.resolve("model.pth"), content);
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(TensorFileException.class)
                .hasMessageStartingWith(file + ": expected a safetensors file, ")
                .hasMessageContaining(message);
    }

    /** By its name, what nobody knows is one of PyTorch's. */
    @Test
    void whatIsNoFileOfPyTorchIsNotABrokenHeader() throws IOException {
        for (String name : new String[] {"model.pth", "model.pt"}) {
            Path file = Files.write(dir.resolve(name), bytes("weights!weights"));
            assertThatThrownBy(() -> Loading.strict().load(file, Map.of(), tensors -> {}))
                    .isInstanceOf(TensorFileException.class)
                    .hasMessage(file + ": expected a PyTorch file, a zip archive with a pickle in it, or a safetensors"
                            + " file, but this begins with the bytes 77 65 69 67 68 74 73 21");
            Files.write(file, new byte[0]);
            assertThatThrownBy(() -> SafeTensors.read(file)).hasMessageEndingWith("but this is empty");
        }
    }

    /** The length of a header is the first that a file has: 640 begins as a pickle of protocol 2 does. */
    @Test
    void noLengthOfAHeaderMakesAnotherFormatOfAFile() throws IOException {
        Path file = dir.resolve("model.safetensors");
        Map<String, Tensor> weights = Map.of("w", Tensor.vector(1, 2));
        SafeTensors.write(file, weights, Map.of("text", ""));
        int least = ByteBuffer.wrap(Files.readAllBytes(file))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
        for (int protocol = 2; protocol <= 5; protocol++) {
            SafeTensors.write(file, weights, Map.of("text", "x".repeat(0x80 + 0x100 * protocol - least)));
            assertThat(Files.readAllBytes(file)).startsWith(0x80, protocol);
            Loading.strict().load(file, Map.of("w", Shape.of(2)), read -> assertThat(read)
                    .isEqualTo(weights));
        }
    }

    private static byte[] zip(String name) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(new byte[100]);
        }
        return out.toByteArray();
    }

    private static byte[] gzip() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(new byte[100]);
        }
        return out.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
