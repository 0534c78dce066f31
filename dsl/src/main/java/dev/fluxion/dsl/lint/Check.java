package dev.fluxion.dsl.lint;

/** What a training is looked through for. {@code LINT.md} tells when each is found and what to do. */
public enum Check {
    /** The loss takes logits, probabilities or their logarithms, and the model gives another of these. */
    OUTPUT_SCALE,
    /** A parameter that is trained has no gradient. */
    NO_GRADIENT,
    /** The schedule makes the learning rate 0. */
    ZERO_LEARNING_RATE,
    /** The training data come in the same order in each epoch, or class by class. */
    UNSHUFFLED,
    /** The last batch of an epoch is a single sample, and a layer normalises by the batch. */
    BATCH_OF_ONE,
    /** Samples are in the training data and in those of an evaluation. */
    OVERLAP,
    /** An input has large numbers, such as pixels from 0 to 255. */
    INPUT_SCALE,
    /** All labels are of one class. */
    ONE_CLASS,
    /** The first loss is far above that of guessing. */
    FIRST_LOSS,
    /** The loss grows. */
    LOSS_GROWS,
    /** After many steps the loss is still that of guessing. */
    NOTHING_LEARNED,
    /** Most units of a layer are 0 for all samples. */
    DEAD_UNITS
}
