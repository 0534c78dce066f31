package dev.fluxion.io;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fluxion.gate.Corpus;
import java.io.IOException;

/** Looks for files that break readers. */
class ReadersFuzz {
    @FuzzTest(maxDuration = "10m")
    void safetensors(byte[] content) throws IOException {
        Corpus.give(content, TensorFileException.class, ReadersTest::safetensors);
    }

    @FuzzTest(maxDuration = "10m")
    void pytorch(byte[] content) throws IOException {
        Corpus.give(content, TensorFileException.class, ReadersTest::pytorch);
    }
}
