package dev.fluxion.dsl.metric;

import dev.fluxion.Metric;
import dev.fluxion.Tally;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.ir.Given;

/**
 * How well scores put what is of a class before what is not, over all thresholds; of classes each against the others. The
 * scores of classes are the softmax of the outputs, those of a yes or no the outputs themselves. A class without targets,
 * and for {@link Curve#ROC} one without others, has no value.
 *
 * <p>It is exact: the tally keeps every score, 8 bytes each, until the values are read. There are as many as positions, times
 * the classes where there are some.
 *
 * @param curve the curve whose area is meant
 * @param average how the values of classes become one
 * @param separate whether each class of axis 1 is a yes or no of its own, with targets of the outputs' shape
 * @param scale what outputs are
 * @param ignoreIndex the target of positions or elements that do not count
 * @param limit the largest number of scores
 */
public record RankMetric(Curve curve, Average average, boolean separate, Scale scale, int ignoreIndex, int limit)
        implements Metric {
    /** Checks that nothing is null, and the limit. */
    public RankMetric {
        Given.require("metric", "the curve", curve);
        Given.require(curve.text(), "the average", average);
        Given.require(curve.text(), "what outputs are", scale);
        Numbers.requireAtLeast(curve.text(), "limit", 1, limit);
    }

    /** The curve whose area is meant. */
    public enum Curve {
        /**
         * The part of what is of the class that is found over the part of the rest that is: the probability that of two the
         * right one has the larger score, where a tie counts half.
         */
        ROC("rocAuc"),
        /** Precision over recall, as a sum of steps: equal scores are one step, and nothing is interpolated. */
        PRECISION_RECALL("averagePrecision");

        private final String text;

        Curve(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /** This metric of labels that exclude none: outputs N×L or N×L×… with targets of their shape, 1 or 0. */
    public RankMetric multiLabel() {
        return new RankMetric(curve, average, true, scale, ignoreIndex, limit);
    }

    /** This metric of classes whose outputs are probabilities, not logits. */
    public RankMetric probabilities() {
        return new RankMetric(curve, average, separate, Scale.PROBABILITIES, ignoreIndex, limit);
    }

    /** This metric with another target of positions or elements that do not count, at first −100. */
    public RankMetric ignoreIndex(int target) {
        return new RankMetric(curve, average, separate, scale, target, limit);
    }

    /** This metric with another largest number of scores, at first 50 million (400 MB); more are refused. */
    public RankMetric limit(int scores) {
        return new RankMetric(curve, average, separate, scale, ignoreIndex, scores);
    }

    @Override
    public String name() {
        return average.name(curve.text());
    }

    @Override
    public Tally start() {
        return new Ranks(this);
    }
}
