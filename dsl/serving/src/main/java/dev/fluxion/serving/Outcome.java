package dev.fluxion.serving;

/** Who waits for a request: a future, or a thread. It is told once. */
interface Outcome {
    /** Whether nobody waits any more. */
    boolean isAbandoned();

    /** The outputs are there. */
    void answered();

    /** They will never be. */
    void failed(Throwable why);
}
