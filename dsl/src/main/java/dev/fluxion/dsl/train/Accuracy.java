package dev.fluxion.dsl.train;

import dev.fluxion.Metric;
import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Shape;
import java.util.Arrays;

/**
 * The fraction of positions whose largest output is that of the label: see {@link Metrics#accuracy()}. An output that
 * is not a number counts as the largest, as in PyTorch.
 *
 * @param ignoreIndex the label of positions that do not count, even if it is a class
 */
public record Accuracy(int ignoreIndex) implements Metric {
    /** This metric with another label for positions that do not count; it need not be a class. */
    public Accuracy ignoreIndex(int label) {
        return new Accuracy(label);
    }

    @Override
    public String name() {
        return "accuracy";
    }

    /**
     * The number of right positions over that of the positions of a sample.
     *
     * @throws IllegalArgumentException if the outputs have fewer than two classes, or the labels do not fit
     */
    @Override
    public double sum(Tensor output, Tensor target) {
        Metrics.requireBoth(name(), output, target);
        Shape shape = output.shape();
        if (shape.rank() < 2) {
            throw new IllegalArgumentException(Errors.outputsForAccuracy(shape));
        }
        if (shape.dim(1) < 2) {
            throw new IllegalArgumentException(Errors.oneClassForAccuracy(shape));
        }
        if (target.dtype() != DType.INT || !target.shape().equals(shape.without(1))) {
            throw new IllegalArgumentException(Errors.labelsForAccuracy(shape.without(1), shape, target));
        }
        int positions = positions(target);
        int right = 0;
        int[] labels = target.ints();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] != ignoreIndex) {
                right += largest(output, i, positions) == labelOf(labels[i], shape.dim(1)) ? 1 : 0;
            }
        }
        return positions == 0 ? 0 : (double) right / positions;
    }

    @Override
    public double samples(Tensor target) {
        long counted = Arrays.stream(target.ints())
                .filter(label -> label != ignoreIndex)
                .count();
        return counted == 0 ? 0 : (double) counted / positions(target);
    }

    private int labelOf(int label, int classes) {
        if (label < 0 || label >= classes) {
            throw new IllegalArgumentException(Errors.labelForAccuracy(label, classes, ignoreIndex));
        }
        return label;
    }

    private static int positions(Tensor target) {
        return target.shape().without(0).size();
    }

    private static int largest(Tensor output, int position, int positions) {
        float[] data = output.floats();
        int classes = output.shape().dim(1);
        int base = position / positions * classes * positions + position % positions;
        int best = 0;
        for (int c = 1; c < classes; c++) {
            float x = data[base + c * positions];
            float most = data[base + best * positions];
            if (x > most || Float.isNaN(x) && !Float.isNaN(most)) {
                best = c;
            }
        }
        return best;
    }
}
