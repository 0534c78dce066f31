package dev.fluxion.dsl.metric;

import dev.fluxion.Metric;
import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.ir.Given;

/**
 * How far confidence is from accuracy, as the mean over positions of |accuracy − confidence| of their bins. Bins divide
 * [0, 1] evenly by confidence, the probability of the predicted class or of yes; each holds its lower bound, the last one
 * also 1.
 *
 * @param binary whether each element is a yes or no, with targets of the outputs' shape
 * @param bins the number of bins
 * @param scale what outputs are
 * @param ignoreIndex the target of positions or elements that do not count
 */
public record CalibrationError(boolean binary, int bins, Scale scale, int ignoreIndex) implements Metric {
    /** Checks that nothing is null, and the number of bins. */
    public CalibrationError {
        Given.require("calibrationError", "what outputs are", scale);
        Numbers.requireAtLeast("calibrationError", "the number of bins", 1, bins);
    }

    /** This metric with another number of bins, at first 15. */
    public CalibrationError bins(int count) {
        return new CalibrationError(binary, count, scale, ignoreIndex);
    }

    /** This metric of outputs that are probabilities, not logits. */
    public CalibrationError probabilities() {
        return new CalibrationError(binary, bins, Scale.PROBABILITIES, ignoreIndex);
    }

    /** This metric with another target of positions that do not count, at first −100. */
    public CalibrationError ignoreIndex(int target) {
        return new CalibrationError(binary, bins, scale, target);
    }

    @Override
    public String name() {
        return binary ? "binaryCalibrationError" : "calibrationError";
    }

    @Override
    public Tally start() {
        return new Sums(this, binary ? this::readBits : this::readPositions, CalibrationError::error);
    }

    private void readBits(Tensor output, Tensor target, Sums to) {
        Bits bits = Bits.ofNumbers(name(), output, target, ignoreIndex);
        for (int i = 0; i < bits.count(); i++) {
            if (bits.counts(i)) {
                add(to, bits.probability(i, scale), bits.isYes(i));
            }
        }
    }

    private void readPositions(Tensor output, Tensor target, Sums to) {
        Positions positions = Positions.ofNumbers(name(), output, target, ignoreIndex);
        for (int i = 0; i < positions.count(); i++) {
            if (positions.counts(i)) {
                int found = positions.largest(i);
                add(to, positions.probabilities(i, scale)[found], found == positions.label(i));
            }
        }
    }

    /** The sum of a bin is that of right minus confidence. */
    private void add(Sums to, double confidence, boolean right) {
        int bin = Math.min((int) (confidence * bins), bins - 1);
        to.add(bin, -confidence);
        if (right) {
            to.sum(bin).add(1);
        }
    }

    private static double error(Sums bins) {
        double gaps = 0;
        double weight = 0;
        for (int bin = 0; bin < bins.size(); bin++) {
            gaps += Math.abs(bins.sum(bin).value());
            weight += bins.weight(bin).value();
        }
        return gaps / weight;
    }
}
