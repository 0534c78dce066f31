package dev.fluxion.gate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Hostile files. Each file in the folder of a target, {@code ReadersFuzzInputs/TARGET} beside the resources of a test, is given to it; with
 * {@code -Pfuzz} fuzzing begins with these, and writes there what it finds. Compiled into every module's tests.
 */
public final class Corpus {
    private Corpus() {}

    /** Reads a file; it may throw only what a damaged file is told by. */
    @FunctionalInterface
    public interface Target {
        /** Reads a file, which is removed afterwards. */
        void read(Path file) throws IOException;
    }

    /** A test for each file of a target. */
    public static Stream<DynamicTest> of(Class<?> test, String name, Class<? extends IOException> told, Target target) {
        Path folder = Path.of("src/test/resources", test.getPackageName().replace('.', '/'), "ReadersFuzzInputs", name);
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList().stream()
                    .map(file -> DynamicTest.dynamicTest(
                            name + " " + file.getFileName(), () -> give(Files.readAllBytes(file), told, target)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives content to a target: it reads it, or tells in one message that it is damaged. */
    public static void give(byte[] content, Class<? extends IOException> told, Target target) throws IOException {
        Path file = Files.createTempFile("corpus", "");
        try {
            Files.write(file, content);
            target.read(file);
        } catch (IOException e) {
            if (!told.isInstance(e) || !String.valueOf(e.getMessage()).startsWith(file + ": ")) {
                throw e;
            }
        } finally {
            Files.delete(file);
        }
    }
}
