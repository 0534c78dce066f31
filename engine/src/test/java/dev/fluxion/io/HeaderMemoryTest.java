package dev.fluxion.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads headers of 32 MB in a JVM of 24 MB: memory goes by what is kept of them. */
class HeaderMemoryTest {
    private static final int MEGABYTE = 1 << 20;

    @TempDir
    Path dir;

    @Test
    void spaceTakesNoMemory() throws Exception {
        assertThat(read("{", " ", 32, "}", 0)).isEqualTo("[] {}");
    }

    @Test
    void textsThatNobodyAsksForTakeNoMemory() throws Exception {
        assertThat(read("{\"__metadata__\":{\"k\":\"", "v", 32, "\"}}", 0)).startsWith("[] ");
        assertThat(read("{\"__metadata__\":{\"", "k", 32, "\":\"\"}}", 0)).startsWith("[] ");
        assertThat(read("{\"__metadata__\":{\"a\":\"\"", ",\"k\":\"v\"", 32, "}}", 0))
                .startsWith("[] ");
        assertThat(read("{\"__metadata__\":{\"fluxion.tensors.crc32c\":\"", "0", 32, "\"}}", 0))
                .endsWith("changed it and kept the metadata");
    }

    @Test
    void badHeadersTakeNoMemory() throws Exception {
        assertThat(read("{\"w\":{\"dtype\":\"", "F", 32, "\",\"shape\":[],\"data_offsets\":[0,0]}}", 0))
                .startsWith("[] {}");
        assertThat(read("{\"w\":{\"", "x", 32, "\":1}}", 0)).contains("expected dtype, shape and data_offsets");
        assertThat(read("{\"w\":", "[", 32, "", 0)).contains("expected '{', found '['");
    }

    @Test
    void aQuarterMayBeKept() throws Exception {
        assertThat(read("{\"__metadata__\":{\"k\":\"", "v", 6, "\"}}", 0)).isEqualTo("[] {k=6291456}");
        assertThat(read("{\"w\":{\"dtype\":\"F32\",\"shape\":[2097152],\"data_offsets\":[0,8388608]}", " ", 1, "}", 8))
                .isEqualTo("[w] {}");
        assertThat(read("{\"w\":{\"dtype\":\"F16\",\"shape\":[2097152],\"data_offsets\":[0,4194304]}", " ", 1, "}", 4))
                .isEqualTo("[w] {}");
    }

    private String read(String begin, String middle, int megabytes, String end, int data) throws Exception {
        Path file = dir.resolve("file");
        write(file, begin, middle, megabytes, end, data);
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx24m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                System.getProperty("java.class.path"),
                Reader.class.getName(),
                file.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.strip();
    }

    private static void write(Path file, String begin, String middle, int megabytes, String end, int data)
            throws IOException {
        byte[] block = middle.repeat(MEGABYTE / middle.length()).getBytes(StandardCharsets.UTF_8);
        long length = begin.length() + (long) megabytes * block.length + end.length();
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(Crafted.littleEndian(8).putLong(length).array());
            out.write(begin.getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < megabytes; i++) {
                out.write(block);
            }
            out.write(end.getBytes(StandardCharsets.UTF_8));
            out.write(new byte[data * MEGABYTE]);
        }
    }

    static final class Reader {
        private Reader() {}

        public static void main(String[] args) {
            Path file = Path.of(args[0]);
            try {
                System.out.print(SafeTensors.read(file).keySet() + " ");
                StringBuilder texts = new StringBuilder();
                if (Files.size(file) < 10 * MEGABYTE) {
                    SafeTensors.metadata(file)
                            .forEach(
                                    (key, text) -> texts.append(key).append('=').append(text.length()));
                }
                System.out.println("{" + texts + "}");
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
