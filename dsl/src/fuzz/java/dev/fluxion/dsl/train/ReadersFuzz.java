package dev.fluxion.dsl.train;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fluxion.gate.Corpus;
import java.io.IOException;

/** Looks for files that break readers. */
class ReadersFuzz {
    @FuzzTest(maxDuration = "10m")
    void checkpoint(byte[] content) throws IOException {
        Corpus.give(content, IOException.class, ReadersTest::checkpoint);
    }

    @FuzzTest(maxDuration = "10m")
    void model(byte[] content) throws IOException {
        Corpus.give(content, IOException.class, ReadersTest::model);
    }

    @FuzzTest(maxDuration = "10m")
    void state(byte[] content) throws IOException {
        Corpus.give(content, IOException.class, ReadersTest::state);
    }

    @FuzzTest(maxDuration = "10m")
    void structure(byte[] content) throws IOException {
        Corpus.give(content, IOException.class, ReadersTest::structure);
    }
}
