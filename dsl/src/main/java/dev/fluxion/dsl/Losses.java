package dev.fluxion.dsl;

import java.util.List;

/**
 * The losses, with PyTorch's values. By default they are means; a target whose shape does not fit is a
 * {@link dev.fluxion.ir.ShapeException} when the model is built and never broadcast silently. Logarithms are natural.
 */
public final class Losses {
    private Losses() {}

    /** |output − target|, also called mean absolute error; its derivative at 0 is 0. */
    public static ElementwiseLoss l1() {
        return elementwise("l1()", (x, y) -> x.sub(y).abs());
    }

    /** (output − target)², the squared error. */
    public static ElementwiseLoss mse() {
        return elementwise("mse()", (x, y) -> x.sub(y).square());
    }

    /** Minus the logarithm of the softmax of the target's class, for logits N×C or N×C×… and integer classes N or N×…. */
    public static CrossEntropy crossEntropy() {
        return new CrossEntropy(Reduction.MEAN, List.of(), -100, 0, CrossEntropy.WhenAllIgnored.NAN, Source.caller());
    }

    /** Cross entropy against a probability for each class, for logits and targets N×C or N×C×…. */
    public static ProbabilityCrossEntropy crossEntropyWithProbabilities() {
        return new ProbabilityCrossEntropy(Reduction.MEAN, List.of(), 0, Source.caller());
    }

    private static ElementwiseLoss elementwise(String text, ElementwiseLoss.Each each) {
        return new ElementwiseLoss(text, each, Reduction.MEAN, false, Source.caller());
    }
}
