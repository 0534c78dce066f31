package dev.fluxion.dsl.metric;

import dev.fluxion.Metric;
import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.internal.Numbers;

/**
 * The fraction of elements that are classified right: outputs are numbers, and targets of their shape are 1 for yes or 0
 * for no. An output that is NaN is always wrong.
 *
 * @param threshold the number above which an output means yes
 */
public record BinaryAccuracy(double threshold) implements Metric {
    /** Checks the number. */
    public BinaryAccuracy {
        Numbers.requireFinite("binaryAccuracy()", "the threshold", threshold);
    }

    /** This metric with another threshold: 0 for logits, 0.5 for probabilities. */
    public BinaryAccuracy threshold(double above) {
        return new BinaryAccuracy(above);
    }

    @Override
    public String name() {
        return "binaryAccuracy";
    }

    /** It counts elements: parts of samples would be rounded for each batch. */
    @Override
    public Tally start() {
        return new Sums(
                this,
                (output, target, to) -> to.add(0, right(output, target), target.size()),
                elements -> elements.mean(0));
    }

    /**
     * The number of right elements over that of the elements of a sample.
     *
     * @throws IllegalArgumentException if the targets have another shape than the outputs, or are neither 0 nor 1
     */
    @Override
    public double sum(Tensor output, Tensor target) {
        int right = right(output, target);
        return right == 0 ? 0 : right * samples(target) / target.size();
    }

    private int right(Tensor output, Tensor target) {
        Bits bits = Bits.of(name(), output, target, 1); // nothing but 0 and 1
        int right = 0;
        for (int i = 0; i < bits.count(); i++) {
            float x = bits.output(i);
            right += (bits.isYes(i) ? x > threshold : x <= threshold) ? 1 : 0;
        }
        return right;
    }
}
