package dev.fluxion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppendedFileTest {
    private static final byte[] RECORD = ("0123456789".repeat(70) + "\n").getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    @Test
    void growsAndGoesOn() throws IOException {
        Path file = folder.resolve("made/log");
        try (AppendedFile log = AppendedFile.create(file)) {
            log.append(RECORD);
            log.append(RECORD);
        }
        assertThatThrownBy(() -> AppendedFile.create(file))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining(file + ": there is a file already");
        try (AppendedFile log = AppendedFile.goOn(file, RECORD.length)) {
            log.append("end".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(Files.readString(file)).isEqualTo(new String(RECORD, StandardCharsets.UTF_8) + "end");
    }

    @Test
    void anInterruptDoesNotCloseIt() throws IOException {
        Path file = folder.resolve("log");
        try (AppendedFile log = AppendedFile.create(file)) {
            Thread.currentThread().interrupt();
            log.append(RECORD);
            assertThat(Thread.interrupted()).isTrue();
            log.append(RECORD);
        }
        assertThat(file).hasSize(2L * RECORD.length);
    }

    @Test
    void whatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        for (Path bad : List.of(file.resolve("log"), folder)) {
            assertThatThrownBy(() -> AppendedFile.goOn(bad, 0))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(bad + ": cannot be written: ");
        }
        assertThatThrownBy(() -> AppendedFile.goOn(file.resolve("log"), 0))
                .hasMessage(file.resolve("log") + ": cannot be written: a file stands where a folder is to be");
    }

    /** A process that may write only so much stands for a full disk: the file ends with a whole record. */
    @Test
    void aFullDiskLeavesWholeRecords() throws Exception {
        if (!System.getProperty("os.name").equals("Linux")) {
            return;
        }
        Path file = folder.resolve("log");
        Process child = new ProcessBuilder(
                        "sh",
                        "-c",
                        "ulimit -f 8; exec \"$@\"",
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:-UsePerfData",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Filling.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String told = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(child.waitFor()).as(told).isZero();
        assertThat(told).contains(file + ": cannot be written: File too large");
        assertThat(Files.size(file)).isPositive().matches(size -> size % RECORD.length == 0);
    }

    /** Appends until that fails. */
    static final class Filling {
        public static void main(String... args) throws IOException {
            try (AppendedFile log = AppendedFile.create(Path.of(args[0]))) {
                for (int i = 0; i < 100; i++) {
                    log.append(RECORD);
                }
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
