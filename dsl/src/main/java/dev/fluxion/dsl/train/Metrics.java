package dev.fluxion.dsl.train;

import dev.fluxion.Loss;
import dev.fluxion.Metric;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Given;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The metrics. */
public final class Metrics {
    private Metrics() {}

    /**
     * The fraction of samples whose largest output is that of the label. Of equal outputs the first counts; NaN is
     * largest. Outputs are N×C and labels N, or N×C×d₁… and N×d₁…, where each position counts. Labels of −100 do not
     * count; see {@link Accuracy#ignoreIndex(int)}.
     */
    public static Accuracy accuracy() {
        return new Accuracy(-100);
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

    static void requireBoth(String metric, Tensor output, Tensor target) {
        Given.require(metric, "the output", output);
        Given.require(metric, "the target", target);
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
