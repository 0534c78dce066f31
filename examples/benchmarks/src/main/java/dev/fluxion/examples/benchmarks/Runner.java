package dev.fluxion.examples.benchmarks;

import java.io.IOException;

/** What takes its turn in the comparison: a library's process, or a yardstick. */
interface Runner extends AutoCloseable {
    /** How tables call it. */
    String name();

    /**
     * Makes a cell ready.
     *
     * @return the values that all libraries must agree on; empty if it tells none
     * @throws IOException if it cannot
     */
    float[] open(Cell cell) throws IOException;

    /** Runs the open cell for a time. */
    Samples run(long millis) throws IOException;

    /** What a step of the open cell consists of; empty if it does not tell. */
    String profile() throws IOException;

    /** Forgets the open cell. */
    void done();

    @Override
    void close();
}
