package dev.fluxion.dsl.metric;

import dev.fluxion.Metric;
import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.internal.Numbers;
import java.util.Arrays;

/**
 * The fraction of positions whose label is among the classes of the largest outputs; each position weighs the same, and of
 * equal outputs the first is larger. Of a single class, an output that is not a number counts as the largest, as in
 * PyTorch; of several it is refused.
 *
 * @param top how many classes a label may be among; 1 for accuracy as such
 * @param ignoreIndex the label of positions that do not count, even if it is a class
 */
public record Accuracy(int top, int ignoreIndex) implements Metric {
    /** Checks the number of classes. */
    public Accuracy {
        Numbers.requireAtLeast("topAccuracy", "the number of classes", 1, top);
    }

    /** This metric with another label for positions that do not count; it need not be a class. */
    public Accuracy ignoreIndex(int label) {
        return new Accuracy(top, label);
    }

    @Override
    public String name() {
        return top == 1 ? "accuracy" : "top" + top + "Accuracy";
    }

    /** It counts positions: parts of samples would be rounded for each batch. */
    @Override
    public Tally start() {
        return new Sums(
                this,
                (output, target, to) -> to.add(0, right(output, target), counted(target)),
                positions -> positions.mean(0));
    }

    /**
     * The number of right positions over that of the positions of a sample.
     *
     * @throws IllegalArgumentException if the outputs have fewer than two classes, or the labels do not fit
     */
    @Override
    public double sum(Tensor output, Tensor target) {
        return ofSample(right(output, target), target);
    }

    @Override
    public double samples(Tensor target) {
        return ofSample(counted(target), target);
    }

    private int right(Tensor output, Tensor target) {
        Positions positions = top == 1
                ? Positions.of(name(), output, target, ignoreIndex)
                : Positions.ofNumbers(name(), output, target, ignoreIndex);
        if (top > 1 && top >= positions.classes()) {
            throw new IllegalArgumentException(Errors.alwaysAmong(name(), top, output.shape()));
        }
        int right = 0;
        for (int i = 0; i < positions.count(); i++) {
            if (positions.counts(i)) {
                int label = positions.label(i);
                boolean found = top == 1 ? positions.largest(i) == label : positions.rank(i, label) < top;
                right += found ? 1 : 0;
            }
        }
        return right;
    }

    private long counted(Tensor target) {
        return Arrays.stream(target.ints())
                .filter(label -> label != ignoreIndex)
                .count();
    }

    /** So many positions as a number of samples. */
    private static double ofSample(long positions, Tensor target) {
        return positions == 0
                ? 0
                : (double) positions / target.shape().without(0).size();
    }
}
