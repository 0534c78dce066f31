package dev.fluxion.dsl.layer;

/** The forms of {@link Layers#gelu(Gelu)}. */
public enum Gelu {
    /** x·Φ(x), exact. */
    ERF,
    /** ½x(1 + tanh(√(2/π)(x + 0.044715x³))), as GPT-2 and BERT have it: up to 5·10⁻⁴ off. */
    TANH
}
