package dev.fluxion.examples.benchmarks;

/**
 * A net in a library with its batch. The batch lies ready as what the library calls a tensor, in the layout that it likes;
 * the output of inference stays one, and training reads its loss.
 */
interface Session extends AutoCloseable {
    /** One prediction, or one training step: what is timed. */
    void run();

    /** The logits of the last prediction, or the loss of the last training step. */
    float[] result();

    /** What a run consists of, with times where the library tells; empty otherwise. */
    default String profile() {
        return "";
    }

    @Override
    void close();
}
