package dev.fluxion.files;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fluxion.data.DataFileException;
import dev.fluxion.gate.Corpus;
import java.io.IOException;

/** Looks for files that break readers. */
class ReadersFuzz {
    @FuzzTest(maxDuration = "10m")
    void csv(byte[] content) throws IOException {
        Corpus.give(content, DataFileException.class, ReadersTest::csv);
    }

    @FuzzTest(maxDuration = "10m")
    void image(byte[] content) throws IOException {
        Corpus.give(content, DataFileException.class, ReadersTest::image);
    }
}
