package dev.fluxion.dsl.metric;

import dev.fluxion.Metric;
import dev.fluxion.Tally;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.ir.Given;

/**
 * A ratio of counts, such as precision, for each class or as an average that is always said. A position is predicted to be
 * of the class with the largest output, the first of several.
 *
 * @param ratio what of the counts is computed
 * @param average how the values of classes become one
 * @param separate whether each class of axis 1 is a yes or no of its own, with targets of the outputs' shape
 * @param threshold the number above which an output means yes, for {@link Average#BINARY} and for several labels
 * @param ignoreIndex the target of positions or elements that do not count
 */
public record ClassMetric(Ratio ratio, Average average, boolean separate, double threshold, int ignoreIndex)
        implements Metric {
    /** Checks that nothing is null, and the threshold. */
    public ClassMetric {
        Given.require("metric", "the ratio", ratio);
        Given.require(ratio.text(), "the average", average);
        Numbers.requireFinite(ratio.text(), "the threshold", threshold);
    }

    /** What is computed of how often a class is found, predicted, and there. */
    public enum Ratio {
        /** The part of the predictions of a class that are right. */
        PRECISION("precision"),
        /** The part of the targets of a class that are predicted. */
        RECALL("recall"),
        /** The harmonic mean of precision and recall. */
        F1("f1"),
        /** Twice the overlap of prediction and target over the sum of their sizes: the same number as {@link #F1}. */
        DICE("dice"),
        /** The overlap of prediction and target over their union. */
        IOU("iou");

        private final String text;

        Ratio(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }

        /**
         * The ratio of a class: 0 where it divides by 0, as the precision of a class that is never predicted, and NaN where
         * the class is absent.
         *
         * @param hits how many targets are predicted to be what they are
         * @param predicted how many predictions there are of the class
         * @param actual how many targets
         */
        double of(double hits, double predicted, double actual) {
            if (predicted + actual == 0) {
                return Double.NaN;
            }
            double whole =
                    switch (this) {
                        case PRECISION -> predicted;
                        case RECALL -> actual;
                        case F1, DICE -> predicted + actual;
                        case IOU -> predicted + actual - hits;
                    };
            double part = this == F1 || this == DICE ? 2 * hits : hits;
            return whole == 0 ? 0 : part / whole;
        }
    }

    /** This metric of labels that exclude none: outputs N×L or N×L×… are logits, targets of their shape 1 or 0. */
    public ClassMetric multiLabel() {
        return new ClassMetric(ratio, average, true, threshold, ignoreIndex);
    }

    /** This metric with another threshold for a yes: 0, as at first, for logits, 0.5 for probabilities. */
    public ClassMetric threshold(double above) {
        return new ClassMetric(ratio, average, separate, above, ignoreIndex);
    }

    /** This metric with another target of positions or elements that do not count, at first −100. */
    public ClassMetric ignoreIndex(int target) {
        return new ClassMetric(ratio, average, separate, threshold, target);
    }

    @Override
    public String name() {
        return average.name(ratio.text());
    }

    @Override
    public Tally start() {
        return new ClassCounts(this);
    }
}
