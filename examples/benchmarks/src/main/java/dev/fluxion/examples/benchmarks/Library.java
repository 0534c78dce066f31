package dev.fluxion.examples.benchmarks;

/** A library of the comparison, with its number of threads set. */
interface Library {
    /** A net ready to predict. */
    Session infer(Problem problem);

    /**
     * A net ready to be trained.
     *
     * @throws UnsupportedOperationException if the library does not train
     */
    Session train(Problem problem);
}
