package dev.fluxion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.fluxion.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** PyTorch files that are damaged or hostile: each is refused with one clear message. */
class BadPyTorchFileTest {
    private static final String VIEW = "K\0K\2\u0085K\1\u0085";
    private static final String TWO = "K\2";

    @TempDir
    Path dir;

    @Test
    void theOneThatIsBentIsRight() throws IOException {
        assertThat(PyTorchFile.read(write(Torch.file(Torch.PICKLE)))).isEqualTo(Map.of("w", Tensor.vector(0, 0)));
    }

    static Stream<Arguments> pickles() {
        return Stream.of(
                arguments("", "is malformed at byte 0: it is cut short"),
                arguments(Torch.PICKLE.substring(0, Torch.PICKLE.length() - 1), ": it is cut short"),
                arguments(Torch.PICKLE + "}", ": bytes follow its end"),
                arguments("\u0081\2}.", "byte 1: expected a protocol"),
                arguments("\u0080\1}.", "byte 2: expected protocol 2 to 5, found 1"),
                arguments("\u0080\2.", ": a value is missing"),
                arguments("\u0080\2s.", ": a value is missing"),
                arguments("\u0080\2}(K\1s.", ": a value is missing"),
                arguments("\u0080\2}(K\1u.", ": a value is missing"),
                arguments("\u0080\2}t.", ": a mark is missing"),
                arguments("\u0080\2h\5.", ": nothing was kept as number 5"),
                arguments("\u0080\2K\1K\2K\3s.", ": expected a map"),
                arguments("\u0080\2})]s.", "expected a text or a number as a key"),
                arguments("\u0080\2}X\2\0\0\0\u00ff\u00ffK\1s.", "a text is not valid UTF-8"),
                arguments("\u0080\2X\u00ff\u00ff\u00ff\u00ff.", ": it is cut short"),
                arguments("\u0080\2X\u00ff\u00ff\u00ff\177.", ": it is cut short"),
                arguments("\u0080\2\u008a\u00ff\1.", ": it is cut short"),
                arguments("\u0080\2i.", "the opcode 0x69 is none that weights need"),
                arguments("\u0080\2c" + "x".repeat(2000), "expected a line of at most 1000 bytes"),
                arguments(
                        "\u0080\2cposix\nsystem\nX\2\0\0\0ls\u0085R.",
                        ": the file holds a Python object, posix.system,"),
                arguments("\u0080\4\u008c\2os\u008c\4exec\u0093.", ": the file holds a Python object, os.exec,"),
                arguments("\u0080\2ctorch\nFloatStorage\n)R.", ": expected a function that makes a tensor or"),
                arguments("\u0080\2ccollections\nOrderedDict\nK\1\u0085R.", ": expected 0 arguments"),
                arguments("\u0080\2K\1N" + "b.", ": expected a map"),
                arguments(Torch.PICKLE.replace("storage", "Storage"), ": expected a storage"),
                arguments(w("FloatStorage", "0", TWO, "K\0K\2\u0085)"), ": expected a stride for each axis"),
                arguments(
                        w("FloatStorage", "0", TWO, "K\0J\u00ff\u00ff\u00ff\u00ff\u0085K\1\u0085"), "is not negative"),
                arguments(
                        w("FloatStorage", "0", TWO, "K\1K\2\u0085K\1\u0085"),
                        "offset 1 leaves its storage of 2 elements"),
                arguments(w("FloatStorage", "0", TWO, "K\0K\2\u0085K\2\u0085"), "strides [2] and offset 0 leaves its"),
                arguments(
                        w("FloatStorage", "0", TWO, "K\0" + huge() + "\u0085" + huge() + "\u0085"),
                        "leaves its storage"),
                arguments(
                        w("FloatStorage", "0", TWO, "K\0J\0\0\0\20\u0085K\0\u0085"),
                        "would take 1073741824 bytes, as they"),
                arguments(w("FloatStorage", "0", "K\3", VIEW), "'0' promises 3 elements of F32, but has 8 bytes"),
                arguments(w("DoubleStorage", "0", huge(), VIEW), "elements of F64, but has 8 bytes"),
                arguments(w("FloatStorage", "../0", TWO, VIEW), "the zip archive has no entry 'a/data/../0'"),
                arguments("\u0080\2" + "]q\0h\0a.", "the file holds no dictionary of tensors"),
                arguments("\u0080\2}q\0X\1\0\0\0wh\0s.", "the file holds no dictionary of tensors"),
                arguments("\u0080\2" + "]".repeat(100_000) + "a".repeat(99_999) + ".", "the file holds no dictionary"));
    }

    @ParameterizedTest(name = "{index}: {1}")
    @MethodSource("pickles")
    void picklesAreRefused(String pickle, String message) throws IOException {
        refused(Torch.file(pickle), message);
    }

    @Test
    void tooManyValuesAreRefused() throws IOException {
        refused(Torch.file("\u0080\2" + "N".repeat(5_000_000)), "its pickle has more than 4194304 values");
        refused(Torch.file(" ".repeat(Pickle.MOST_BYTES + 1)), "its pickle takes 33554433 bytes, more than 33554432");
    }

    @Test
    void archivesAreRefused() throws IOException {
        byte[] whole = Torch.file(Torch.PICKLE);
        for (int length = 0; length < whole.length; length++) {
            Path file = write(Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> PyTorchFile.read(file)).isInstanceOf(TensorFileException.class);
        }
        refused(
                Arrays.copyOf(whole, whole.length - 30),
                "the zip archive is cut short: it has no directory at its end");
        refused(new byte[100], "expected a PyTorch file, a zip archive with a pickle in it");
        refused(
                Torch.zip(Torch.entries(Torch.PICKLE, 8), ZipEntry.DEFLATED),
                "the entry 'a/data.pkl' of the zip archive is compressed or encrypted");
        refused(changed(whole, "storage", "Storage"), "the checksum of the entry 'a/data.pkl' is not the one");
        Map<String, byte[]> entries = Torch.entries(Torch.PICKLE, 8);
        entries.put("../b", new byte[1]);
        refused(Torch.zip(entries, ZipEntry.STORED), "'../b' of the zip archive has a name that leads out of it");
        refused(Torch.zip(Map.of("a/b", new byte[4]), ZipEntry.STORED), "has no entry 'a/data.pkl'");
        refused(Torch.zip(Map.of("data.pkl", new byte[4]), ZipEntry.STORED), "has no entry 'archive/data.pkl'");
        entries = Torch.entries(Torch.PICKLE, 8);
        entries.put("a/byteorder", "middle".getBytes(StandardCharsets.UTF_8));
        refused(Torch.zip(entries, ZipEntry.STORED), "expected the byte order little or big, found 'middle'");
    }

    @Test
    void bigEndianNumbersAreTurned() throws IOException {
        Map<String, byte[]> entries = Torch.entries(Torch.PICKLE, 8);
        entries.put("a/byteorder", "big".getBytes(StandardCharsets.UTF_8));
        entries.put("a/data/0", new byte[] {0x3f, (byte) 0x80, 0, 0, 0x40, 0, 0, 0});
        assertThat(PyTorchFile.read(write(Torch.zip(entries, ZipEntry.STORED))))
                .isEqualTo(Map.of("w", Tensor.vector(1, 2)));
    }

    @Test
    void twoEntriesOfAName() throws IOException {
        Map<String, byte[]> entries = Torch.entries(Torch.PICKLE, 8);
        entries.put("a/data/1", new byte[0]);
        refused(
                changed(Torch.zip(entries, ZipEntry.STORED), "data/1", "data/0"),
                "'a/data/0' of the zip archive comes twice");
    }

    private static String w(String storage, String key, String elements, String view) {
        return "\u0080\2}X\1\0\0\0w" + Torch.tensor(storage, key, elements, view) + "s.";
    }

    private static String huge() {
        return "\u008a\10\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\177";
    }

    private static byte[] changed(byte[] file, String from, String to) {
        return new String(file, StandardCharsets.ISO_8859_1).replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
    }

    private Path write(byte[] content) throws IOException {
        return Files.write(dir.resolve("x.pth"), content);
    }

    private void refused(byte[] content, String message) throws IOException {
        Path file = write(content);
        assertThatThrownBy(() -> PyTorchFile.read(file))
                .isInstanceOf(TensorFileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }
}
