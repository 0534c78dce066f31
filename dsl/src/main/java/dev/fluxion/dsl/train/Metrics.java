package dev.fluxion.dsl.train;

import dev.fluxion.Loss;
import dev.fluxion.Metric;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.dsl.metric.Accuracy;
import dev.fluxion.dsl.metric.Average;
import dev.fluxion.dsl.metric.BinaryAccuracy;
import dev.fluxion.dsl.metric.CalibrationError;
import dev.fluxion.dsl.metric.ClassMetric;
import dev.fluxion.dsl.metric.LogLoss;
import dev.fluxion.dsl.metric.R2;
import dev.fluxion.dsl.metric.RankMetric;
import dev.fluxion.dsl.metric.Regression;
import dev.fluxion.dsl.metric.Scale;
import dev.fluxion.ir.Given;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The metrics. */
public final class Metrics {
    private static final int IGNORED = -100;
    private static final int MOST_SCORES = 50_000_000;

    private Metrics() {}

    /**
     * The fraction of samples whose largest output is that of the label. Of equal outputs the first counts; NaN is
     * largest. Outputs are N×C and labels N, or N×C×d₁… and N×d₁…, where each position counts and weighs the same.
     * Labels of −100 do not count; see {@link Accuracy#ignoreIndex(int)}.
     */
    public static Accuracy accuracy() {
        return new Accuracy(1, IGNORED);
    }

    /**
     * The fraction of samples whose label is among the classes of the k largest outputs, as {@code top5Accuracy}; see
     * {@link #accuracy()}. Of equal outputs the first come first.
     */
    public static Accuracy topAccuracy(int k) {
        return new Accuracy(k, IGNORED);
    }

    /**
     * The fraction of elements that are classified right: outputs are logits, positive for yes, and targets of the
     * same shape are 1 for yes or 0 for no, as {@link dev.fluxion.dsl.loss.Losses#bceWithLogits()} takes them.
     * Outputs that are probabilities have {@link BinaryAccuracy#threshold(double) threshold} 0.5.
     */
    public static BinaryAccuracy binaryAccuracy() {
        return new BinaryAccuracy(0);
    }

    /**
     * The part of the predictions of a class that are right: {@code precision(MACRO)} of outputs N×C or N×C×… with
     * labels, {@code precision(BINARY)} of a logit of yes for each element, or {@code precision(MACRO).multiLabel()}. It
     * is 0 for a class that is never predicted.
     */
    public static ClassMetric precision(Average average) {
        return ratio(ClassMetric.Ratio.PRECISION, average);
    }

    /** The part of the targets of a class that are predicted; {@code recall(MACRO)} is the balanced accuracy. */
    public static ClassMetric recall(Average average) {
        return ratio(ClassMetric.Ratio.RECALL, average);
    }

    /** The harmonic mean of {@link #precision} and {@link #recall} of a class. */
    public static ClassMetric f1(Average average) {
        return ratio(ClassMetric.Ratio.F1, average);
    }

    /** Twice the overlap of prediction and target over the sum of their sizes, over all positions of all samples. */
    public static ClassMetric dice(Average average) {
        return ratio(ClassMetric.Ratio.DICE, average);
    }

    /** The overlap of prediction and target over their union (Jaccard), over all positions of all samples. */
    public static ClassMetric iou(Average average) {
        return ratio(ClassMetric.Ratio.IOU, average);
    }

    private static ClassMetric ratio(ClassMetric.Ratio ratio, Average average) {
        return new ClassMetric(ratio, average, false, 0, IGNORED);
    }

    /**
     * The area under the receiver operating characteristic, exact: {@code rocAuc(BINARY)} of a score for each element,
     * {@code rocAuc(MACRO)} of logits of classes, each against the others. It keeps every score; see {@link RankMetric}.
     */
    public static RankMetric rocAuc(Average average) {
        return rank(RankMetric.Curve.ROC, average);
    }

    /** The area under precision over recall, as a sum of steps, of scores as for {@link #rocAuc}. */
    public static RankMetric averagePrecision(Average average) {
        return rank(RankMetric.Curve.PRECISION_RECALL, average);
    }

    private static RankMetric rank(RankMetric.Curve curve, Average average) {
        return new RankMetric(curve, average, false, Scale.LOGITS, IGNORED, MOST_SCORES);
    }

    /** The mean of −log p of the label, in double precision, of logits N×C or N×C×… or of probabilities. */
    public static LogLoss logLoss() {
        return new LogLoss(false, false, Scale.LOGITS, IGNORED);
    }

    /** The mean of −log p of a yes or no for each element, of logits or of probabilities. */
    public static LogLoss binaryLogLoss() {
        return new LogLoss(true, false, Scale.LOGITS, IGNORED);
    }

    /** e to the power of {@link #logLoss}: of logits N×V×T for words N×T, over all words that count. */
    public static LogLoss perplexity() {
        return new LogLoss(false, true, Scale.LOGITS, IGNORED);
    }

    /** How far the probability of the predicted class is from how often it is right, over 15 bins. */
    public static CalibrationError calibrationError() {
        return new CalibrationError(false, 15, Scale.LOGITS, IGNORED);
    }

    /** How far the probability of yes is from how often it is yes, over 15 bins. */
    public static CalibrationError binaryCalibrationError() {
        return new CalibrationError(true, 15, Scale.LOGITS, IGNORED);
    }

    /** The mean of |output − target| over all elements. */
    public static Regression mae() {
        return new Regression(Regression.Kind.ABSOLUTE, 0);
    }

    /** The square root of the mean of (output − target)² over all elements. */
    public static Regression rmse() {
        return new Regression(Regression.Kind.SQUARED, 0);
    }

    /** The mean of |output − target| / |target| over all elements, as a fraction; a target of 0 is refused. */
    public static Regression mape() {
        return new Regression(Regression.Kind.RELATIVE, 0);
    }

    /** The coefficient of determination of samples of a single number. */
    public static R2 r2() {
        return new R2(null);
    }

    /** The coefficient of determination of samples of several numbers, {@code MACRO} or {@code MICRO}. */
    public static R2 r2(Average average) {
        return new R2(Given.require("r2", "the average", average));
    }

    /**
     * The mean of a loss over the samples that count, whatever the batches and the loss's reduction. It has the name
     * of the loss, as {@code mse()}. Penalties for large parameters are not included.
     */
    public static Metric mean(Loss loss) {
        Given.require("mean", "the loss", loss);
        return mean(Text.of(loss), loss);
    }

    /** The mean of a loss over the batches, as {@link #mean(Loss)}, with a name of its own, as {@code "mae"}. */
    public static Metric mean(String name, Loss loss) {
        Given.require("mean", "the name", name);
        return new MeanLoss(name, Given.require("mean", "the loss", loss));
    }

    /** A copy of metrics, none of which is null and no two of which have the same name. */
    static List<Metric> requireDifferent(String call, List<Metric> metrics) {
        List<Metric> all = Checks.present(call, "metric", metrics, Metric::name);
        Set<String> names = new HashSet<>();
        for (Metric metric : all) {
            if (!names.add(metric.name())) {
                throw new IllegalArgumentException(Errors.sameMetric(call, metric.name()));
            }
        }
        return all;
    }
}
