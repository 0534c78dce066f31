package dev.fluxion.engine;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fluxion.ffi.NativeLibrary;

/** What tests need of the processor. */
final class Vectors {
    private Vectors() {}

    /** Leaves a test out on a processor whose vectors hold fewer numbers: the build takes that for a reason. */
    static void require(int lanes) {
        assumeTrue(NativeLibrary.lanes() >= lanes, "processor without vectors of " + lanes + " numbers");
    }
}
