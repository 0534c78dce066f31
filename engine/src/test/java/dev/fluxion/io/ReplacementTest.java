package dev.fluxion.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fluxion.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplacementTest {
    private static final Map<String, Tensor> OLD = Map.of("w", Tensor.vector(1));
    private static final Map<String, Tensor> NEW = Map.of("w", Tensor.vector(2, 3));

    @TempDir
    Path dir;

    private Path file;

    @BeforeEach
    void writesTheOldFile() throws IOException {
        file = dir.resolve("x");
        SafeTensors.write(file, OLD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "rw-r-----", "rw-rw-rw-", "r--r--r--", "rwxr-xr-x"})
    void rightsStay(String rights) throws IOException {
        assumeTrue(Rights.known(file));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
        SafeTensors.write(file, NEW);
        assertThat(SafeTensors.read(file)).isEqualTo(NEW);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo(rights);
    }

    @Test
    void aSymbolicLinkIsFollowed() throws IOException {
        Path folder = Files.createDirectory(dir.resolve("links"));
        Path first = Files.createSymbolicLink(folder.resolve("first"), Path.of("second"));
        Files.createSymbolicLink(folder.resolve("second"), Path.of("../x"));
        SafeTensors.write(first, NEW);
        assertThat(first).isSymbolicLink();
        assertThat(SafeTensors.read(file)).isEqualTo(NEW);
        assertThat(file).isRegularFile();
        assertThat(names(folder)).containsExactlyInAnyOrder("first", "second");
        assertThat(names(dir)).containsExactlyInAnyOrder("x", "links");

        Path toNothingYet = Files.createSymbolicLink(folder.resolve("latest"), dir.resolve("y"));
        SafeTensors.write(toNothingYet, OLD);
        assertThat(SafeTensors.read(dir.resolve("y"))).isEqualTo(OLD);
    }

    @Test
    void aLinkThatLeadsNowhereIsTold() throws IOException {
        Path loop = Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop"));
        assertThatThrownBy(() -> SafeTensors.write(loop, NEW))
                .isInstanceOf(TensorFileException.class)
                .hasMessage(loop + ": cannot be written: its symbolic links go on and on");
        Path lost = Files.createSymbolicLink(dir.resolve("lost"), Path.of("no/x"));
        assertThatThrownBy(() -> SafeTensors.write(lost, NEW))
                .isInstanceOf(TensorFileException.class)
                .hasMessage(lost + ": the folder " + dir.resolve("no") + " does not exist");
        Path device = Path.of("/dev/null");
        assumeTrue(Files.exists(device));
        assertThatThrownBy(() -> SafeTensors.write(device, NEW)).hasMessage(device + ": expected a regular file");
    }

    @Test
    void whatAKilledSaveLeftIsRemoved() throws IOException {
        String identity = UUID.randomUUID().toString();
        for (String name : List.of(
                "x." + identity + ".part",
                "x.part",
                "x.1.part",
                "y." + identity + ".part",
                "x.x." + identity + ".part")) {
            Files.createFile(dir.resolve(name));
        }
        SafeTensors.write(file, NEW);
        assertThat(names(dir))
                .containsExactlyInAnyOrder(
                        "x", "x.part", "x.1.part", "y." + identity + ".part", "x.x." + identity + ".part");
    }

    @Test
    void aPartThatIsBeingWrittenStays() throws IOException {
        Path part = dir.resolve("x." + UUID.randomUUID() + ".part");
        try (FileChannel other = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            assertThat(other.tryLock()).isNotNull();
            SafeTensors.write(file, NEW);
            assertThat(part).exists();
        }
        SafeTensors.write(file, NEW);
        assertThat(part).doesNotExist();
    }

    /** In a JVM of its own that saves all the time and is killed. */
    @Test
    void aKillLosesNothing() throws Exception {
        boolean left = false;
        for (int i = 0; i < 20 && !(left && i >= 3); i++) {
            List<String> command = List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Saver.class.getName(),
                    file.toString());
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (names(dir).size() < 2 && System.nanoTime() < end) {
                Thread.sleep(2);
            }
            process.destroyForcibly().waitFor();
            left |= names(dir).size() > 1;
            assertThat(SafeTensors.read(file)).containsOnlyKeys("w");
        }
        assertThat(left).as("a part was left").isTrue();
        SafeTensors.write(file, NEW);
        assertThat(names(dir)).containsExactly("x");
    }

    static final class Saver {
        private Saver() {}

        public static void main(String[] args) throws IOException {
            while (true) {
                SafeTensors.write(Path.of(args[0]), Map.of("w", Tensor.zeros(1 << 22)));
            }
        }
    }

    @Test
    void anInterruptedThreadIsToldAndNothingIsLost() throws IOException {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> SafeTensors.write(file, NEW))
                .isInstanceOf(TensorFileException.class)
                .hasMessage(
                        file + ": cannot be written: the thread was interrupted; a file that was there is as it was");
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(TensorFileException.class)
                .hasMessage(file + ": cannot be read: the thread was interrupted");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(SafeTensors.read(file)).isEqualTo(OLD);
        assertThat(names(dir)).containsExactly("x");
    }

    /** Whenever the interrupt comes, the file is the new one and nothing is thrown, or it is the old one and that is told. */
    @Test
    void anInterruptMayComeAtAnyTime() throws Exception {
        for (int i = 0; i < 40; i++) {
            Map<String, Tensor> before = SafeTensors.read(file);
            Map<String, Tensor> now = Map.of("w", Tensor.full(i, 1 << 16));
            boolean[] saved = {false};
            boolean[] interrupted = {false};
            Thread saver = new Thread(() -> {
                try {
                    SafeTensors.write(file, now);
                    saved[0] = true;
                } catch (TensorFileException e) {
                    assertThat(e).hasMessageContaining("the thread was interrupted");
                }
                interrupted[0] = Thread.currentThread().isInterrupted();
            });
            saver.start();
            TimeUnit.MICROSECONDS.sleep(400L * i);
            boolean inTime = saver.isAlive();
            saver.interrupt();
            saver.join();
            assertThat(SafeTensors.read(file)).isEqualTo(saved[0] ? now : before);
            assertThat(saved[0] || interrupted[0]).isTrue();
            assertThat(inTime || saved[0]).isTrue();
        }
        assertThat(names(dir)).containsExactly("x");
    }

    @Test
    void twoThreadsMaySaveTheSameFile() throws Exception {
        Thread[] savers = new Thread[4];
        Throwable[] failures = new Throwable[savers.length];
        for (int i = 0; i < savers.length; i++) {
            int number = i;
            savers[i] = new Thread(() -> {
                try {
                    for (int k = 0; k < 8; k++) {
                        SafeTensors.write(file, Map.of("w", Tensor.full(number, 1 << 12)));
                    }
                } catch (IOException | RuntimeException e) {
                    failures[number] = e;
                }
            });
            savers[i].start();
        }
        for (Thread saver : savers) {
            saver.join();
        }
        assertThat(failures).containsOnlyNulls();
        assertThat(SafeTensors.read(file)).containsOnlyKeys("w");
        assertThat(names(dir)).containsExactly("x");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString()).toList();
        }
    }
}
