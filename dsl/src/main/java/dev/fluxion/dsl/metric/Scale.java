package dev.fluxion.dsl.metric;

/** What outputs are. */
public enum Scale {
    /** Logits; probabilities are their softmax, or the sigmoid of a yes or no. */
    LOGITS,
    /** Probabilities. */
    PROBABILITIES;

    /** How far the sum of the probabilities of a position, in float32, may be from 1. */
    static final double CLOSE = 1e-3;
}
