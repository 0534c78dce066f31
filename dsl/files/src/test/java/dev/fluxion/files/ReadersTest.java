package dev.fluxion.files;

import dev.fluxion.data.DataFileException;
import dev.fluxion.gate.Corpus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Files that once broke a reader, or nearly: {@code ReadersFuzz} looks for more. */
class ReadersTest {
    @TestFactory
    Stream<DynamicTest> everyFileIsReadOrRefused() {
        return Stream.of(
                        Corpus.of(ReadersTest.class, "csv", DataFileException.class, ReadersTest::csv),
                        Corpus.of(ReadersTest.class, "image", DataFileException.class, ReadersTest::image))
                .flatMap(tests -> tests);
    }

    static void csv(Path file) throws IOException {
        Table.read(file);
    }

    static void image(Path file) throws IOException {
        new ImageReading(80, 64, 3, false).read(file, new float[3 * 80 * 64], 0);
        new ImageReading(8, 8, 1, true).read(file, new float[64], 0);
    }
}
