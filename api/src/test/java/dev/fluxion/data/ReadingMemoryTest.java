package dev.fluxion.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads in a JVM of 20 MB what promises 256 MB: memory goes by what is kept, not by what a file says or unpacks to. */
class ReadingMemoryTest {
    private static final int MEGABYTE = 1 << 20;

    @TempDir
    Path dir;

    @Test
    void aPromiseTakesNoMemory() throws Exception {
        Path images = packed("images", 256, 240);
        assertThat(read(images))
                .isEqualTo(images + ": the file is cut short: expected 268435472 bytes, found 251658256");
        assertThat(Files.size(images)).isLessThan(MEGABYTE);
    }

    @Test
    void whatDoesNotFitIsTold() throws Exception {
        Path images = packed("images", 256, 256);
        assertThat(read(images))
                .isEqualTo(images + ": the file holds 268435456 bytes, more than the memory that is left; "
                        + "give the JVM more with -Xmx");
    }

    @Test
    void halfOfTheMemoryIsKept() throws Exception {
        assertThat(read(packed("images", 10, 10))).isEqualTo("1 images of 1×1024×10240 in 10 classes");
    }

    /** One image that promises some megabytes of pixels, and a gzip file of as many as there are. */
    private Path packed(String name, int promised, int there) throws IOException {
        Path file = dir.resolve(name);
        byte[] header = ByteBuffer.allocate(16)
                .putInt(0x803)
                .putInt(1)
                .putInt(1024)
                .putInt(1024 * promised)
                .array();
        byte[] member = MnistTest.gzip(new byte[MEGABYTE]);
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(MnistTest.gzip(header));
            for (int i = 0; i < there; i++) {
                out.write(member);
            }
        }
        return file;
    }

    private String read(Path images) throws Exception {
        Path labels = Files.write(dir.resolve("labels"), new byte[] {0, 0, 8, 1, 0, 0, 0, 1, 7});
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx20m",
                "-Dfile.encoding=UTF-8",
                "-Dstdout.encoding=UTF-8",
                "-cp",
                System.getProperty("java.class.path"),
                Reader.class.getName(),
                images.toString(),
                labels.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.strip();
    }

    static final class Reader {
        private Reader() {}

        public static void main(String[] args) {
            try {
                System.out.println(Mnist.read(Path.of(args[0]), Path.of(args[1])));
            } catch (DataFileException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
