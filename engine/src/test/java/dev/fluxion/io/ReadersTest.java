package dev.fluxion.io;

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
                        Corpus.of(
                                ReadersTest.class, "safetensors", TensorFileException.class, ReadersTest::safetensors),
                        Corpus.of(ReadersTest.class, "pytorch", TensorFileException.class, ReadersTest::pytorch))
                .flatMap(tests -> tests);
    }

    static void safetensors(Path file) throws IOException {
        SafeTensors.metadata(file);
        SafeTensors.readWithNaN(file);
    }

    static void pytorch(Path file) throws IOException {
        PyTorchFile.read(file);
    }
}
