package dev.fluxion.dsl.metric;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;

/** Outputs with a yes or no for each element, 1 or 0, in targets of their shape. */
final class Bits {
    private final String metric;
    private final Shape shape;
    private final float[] outputs;
    private final float[] targets;
    private final int ignored;

    private Bits(String metric, Tensor output, Tensor target, int ignored) {
        this.metric = metric;
        this.shape = output.shape();
        this.outputs = output.floats();
        this.targets = target.floats();
        this.ignored = ignored;
    }

    /** The elements of a batch, whose outputs may be anything. */
    static Bits of(String metric, Tensor output, Tensor target, int ignored) {
        Inputs.requireAlike(metric, output, target, "targets, 0 or 1,");
        Bits bits = new Bits(metric, output, target, ignored);
        for (float x : bits.targets) {
            if (x != 0 && x != 1 && x != ignored) {
                throw new IllegalArgumentException(Errors.bit(metric, x));
            }
        }
        return bits;
    }

    /** The elements of a batch, of which those that count have numbers for outputs. */
    static Bits ofNumbers(String metric, Tensor output, Tensor target, int ignored) {
        Bits bits = of(metric, output, target, ignored);
        for (int i = 0; i < bits.count(); i++) {
            if (bits.counts(i) && Float.isNaN(bits.outputs[i])) {
                throw new IllegalArgumentException(Errors.outputIs(metric, bits.shape, i, Float.NaN, "a number"));
            }
        }
        return bits;
    }

    int count() {
        return targets.length;
    }

    /** The number of labels of a sample, axis 1. */
    int labels() {
        return shape.rank() < 2 ? 1 : shape.dim(1);
    }

    /** Which label of its sample an element is about. */
    int label(int element) {
        return shape.rank() < 2 ? 0 : element / (shape.size() / shape.dim(0) / labels()) % labels();
    }

    boolean counts(int element) {
        return targets[element] != ignored;
    }

    boolean isYes(int element) {
        return targets[element] == 1;
    }

    float output(int element) {
        return outputs[element];
    }

    /** The probability of yes. */
    double probability(int element, Scale scale) {
        float x = outputs[element];
        if (scale == Scale.LOGITS) {
            return 1 / (1 + Math.exp(-x));
        }
        if (!(x >= 0 && x <= 1)) {
            throw new IllegalArgumentException(
                    Errors.outputIs(metric, shape, element, x, "a probability; logits need no probabilities()"));
        }
        return x;
    }

    /** The logarithm of the probability of what an element is. */
    double logProbability(int element, Scale scale) {
        if (scale == Scale.PROBABILITIES) {
            double yes = probability(element, scale);
            return isYes(element) ? Math.log(yes) : Math.log1p(-yes);
        }
        double x = isYes(element) ? outputs[element] : -outputs[element];
        return x > 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x));
    }
}
