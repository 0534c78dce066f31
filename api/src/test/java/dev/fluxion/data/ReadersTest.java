package dev.fluxion.data;

import dev.fluxion.gate.Corpus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Files that once broke a reader, or nearly: {@code ReadersFuzz} looks for more. */
class ReadersTest {
    @TestFactory
    Stream<DynamicTest> everyFileIsReadOrRefused() {
        return Stream.of(
                        Corpus.of(ReadersTest.class, "idx", DataFileException.class, ReadersTest::idx),
                        Corpus.of(ReadersTest.class, "cifar", DataFileException.class, ReadersTest::cifar))
                .flatMap(tests -> tests);
    }

    /** Labels or images, plain or compressed. */
    static void idx(Path file) throws IOException {
        try {
            Idx.open(file, 1).data();
        } catch (DataFileException e) {
            Idx.open(file, 3).data();
        }
    }

    /** Records or a pickle. */
    static void cifar(Path file) throws IOException {
        Cifar10.read(List.of(file)).batch(0);
    }
}
