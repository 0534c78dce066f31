package dev.fluxion.dsl.metric;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;

/** The positions of outputs N×C or N×C×d₁… with a class for each, N or N×d₁…. */
final class Positions {
    private final String metric;
    private final float[] outputs;
    private final int[] labels;
    private final Shape shape;
    private final int classes;
    private final int inner;
    private final int ignored;

    private Positions(String metric, Tensor output, Tensor target, int ignored) {
        this.metric = metric;
        this.outputs = output.floats();
        this.labels = target.ints();
        this.shape = output.shape();
        this.classes = shape.dim(1);
        this.inner = labels.length == 0 ? 1 : labels.length / shape.dim(0);
        this.ignored = ignored;
    }

    /** The positions of a batch, whose outputs may be anything. */
    static Positions of(String metric, Tensor output, Tensor target, int ignored) {
        Inputs.require(metric, output, target);
        Shape shape = output.shape();
        if (shape.rank() < 2 || output.dtype() != DType.FLOAT) {
            throw new IllegalArgumentException(Errors.classOutputs(metric, output));
        }
        if (shape.dim(1) < 2) {
            throw new IllegalArgumentException(Errors.oneClass(metric, shape));
        }
        if (target.dtype() != DType.INT || !target.shape().equals(shape.without(1))) {
            throw new IllegalArgumentException(Errors.labels(metric, shape.without(1), shape, target));
        }
        Positions positions = new Positions(metric, output, target, ignored);
        for (int i = 0; i < positions.count(); i++) {
            if (positions.counts(i) && (positions.label(i) < 0 || positions.label(i) >= positions.classes)) {
                throw new IllegalArgumentException(
                        Errors.label(metric, positions.label(i), positions.classes, ignored));
            }
        }
        return positions;
    }

    /** The positions of a batch, of which those that count have numbers for outputs. */
    static Positions ofNumbers(String metric, Tensor output, Tensor target, int ignored) {
        Positions positions = of(metric, output, target, ignored);
        for (int i = 0; i < positions.count(); i++) {
            for (int c = 0; c < positions.classes && positions.counts(i); c++) {
                if (Float.isNaN(positions.output(i, c))) {
                    throw new IllegalArgumentException(
                            Errors.outputIs(metric, positions.shape, positions.index(i, c), Float.NaN, "a number"));
                }
            }
        }
        return positions;
    }

    int count() {
        return labels.length;
    }

    int classes() {
        return classes;
    }

    /** Whether a position is not ignored. */
    boolean counts(int position) {
        return labels[position] != ignored;
    }

    int label(int position) {
        return labels[position];
    }

    float output(int position, int c) {
        return outputs[index(position, c)];
    }

    private int index(int position, int c) {
        return (position / inner * classes + c) * inner + position % inner;
    }

    /** The class whose output is largest, the first of several; NaN is largest. */
    int largest(int position) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            float x = output(position, c);
            float most = output(position, best);
            if (x > most || Float.isNaN(x) && !Float.isNaN(most)) {
                best = c;
            }
        }
        return best;
    }

    /** How many classes come before one: those with a larger output, and earlier ones with the same. */
    int rank(int position, int of) {
        float own = output(position, of);
        int before = 0;
        for (int c = 0; c < classes; c++) {
            float x = output(position, c);
            before += x > own || x == own && c < of ? 1 : 0;
        }
        return before;
    }

    /** The logarithm of the probability of a class. */
    double logProbability(int position, int of, Scale scale) {
        if (scale == Scale.PROBABILITIES) {
            return Math.log(probabilities(position, scale)[of]);
        }
        double most = output(position, largest(position));
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(output(position, c) - most);
        }
        return finite(position, output(position, of) - most - Math.log(sum));
    }

    /** The probabilities of the classes. */
    double[] probabilities(int position, Scale scale) {
        double[] all = new double[classes];
        double most = output(position, largest(position));
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            double x = output(position, c);
            if (scale == Scale.PROBABILITIES) {
                requireProbability(position, c);
            }
            all[c] = scale == Scale.PROBABILITIES ? x : Math.exp(x - most);
            sum += all[c];
        }
        if (scale == Scale.PROBABILITIES) {
            if (Math.abs(sum - 1) > Scale.CLOSE) {
                throw new IllegalArgumentException(
                        Errors.probabilitiesAddUp(metric, shape, index(position, 0), classes, sum));
            }
            return all;
        }
        finite(position, sum);
        for (int c = 0; c < classes; c++) {
            all[c] /= sum;
        }
        return all;
    }

    private void requireProbability(int position, int c) {
        float x = output(position, c);
        if (!(x >= 0 && x <= 1)) {
            throw new IllegalArgumentException(Errors.outputIs(
                    metric, shape, index(position, c), x, "a probability; logits need no probabilities()"));
        }
    }

    /** A result that is NaN comes from outputs of +∞, or of −∞ alone. */
    private double finite(int position, double result) {
        if (Double.isNaN(result)) {
            int c = largest(position);
            throw new IllegalArgumentException(
                    Errors.outputIs(metric, shape, index(position, c), output(position, c), "a finite logit"));
        }
        return result;
    }
}
