package dev.fluxion.data;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fluxion.gate.Corpus;
import java.io.IOException;

/** Looks for files that break readers. */
class ReadersFuzz {
    @FuzzTest(maxDuration = "10m")
    void idx(byte[] content) throws IOException {
        Corpus.give(content, DataFileException.class, ReadersTest::idx);
    }

    @FuzzTest(maxDuration = "10m")
    void cifar(byte[] content) throws IOException {
        Corpus.give(content, DataFileException.class, ReadersTest::cifar);
    }
}
