package dev.fluxion.dsl.train;

import dev.fluxion.dsl.train.TrainingListener.Report;
import dev.fluxion.ir.Given;
import java.util.List;
import java.util.Set;

/**
 * Which evaluation is the best: the one with the highest or the lowest value of a metric, the first of equal ones. The metric
 * {@code loss}, if the evaluation has none of that name, is the mean loss of training.
 *
 * @param metric the name of the metric
 * @param highest whether higher values are better
 */
public record Best(String metric, boolean highest) {
    /** Checks that there is a name. */
    public Best {
        Given.require("Best", "the name of the metric", metric);
    }

    /** The highest value: {@code highest("accuracy")}. */
    public static Best highest(String metric) {
        return new Best(metric, true);
    }

    /** The lowest value: {@code lowest("mae")}. */
    public static Best lowest(String metric) {
        return new Best(metric, false);
    }

    /** The place of the best of some reports; −1 if none has a value that is a number. */
    int of(List<? extends Report> reports) {
        int best = -1;
        for (int i = 0; i < reports.size(); i++) {
            double value = value(reports.get(i));
            boolean better = best < 0
                    ? !Double.isNaN(value)
                    : highest ? value > value(reports.get(best)) : value < value(reports.get(best));
            best = better ? i : best;
        }
        return best;
    }

    double value(Report report) {
        return report.values().getOrDefault(metric, Double.NaN);
    }

    /** Requires the evaluation to have the metric. */
    void requireIn(Set<String> metrics) {
        if (!metrics.contains(metric) && !metric.equals(Report.LOSS)) {
            throw new IllegalArgumentException(Errors.noSuchMetric(metric, metrics));
        }
    }

    @Override
    public String toString() {
        return (highest ? "highest " : "lowest ") + metric;
    }
}
