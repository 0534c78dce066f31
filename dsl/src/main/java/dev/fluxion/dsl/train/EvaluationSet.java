package dev.fluxion.dsl.train;

import dev.fluxion.Metric;
import dev.fluxion.data.DataLoader;
import dev.fluxion.ir.Given;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Data that a {@link Trainer} evaluates on.
 *
 * @param name what stands before the names of the metrics, as in {@code validation.accuracy}; empty for nothing
 * @param data the data
 * @param metrics what is measured
 */
public record EvaluationSet(String name, DataLoader data, List<Metric> metrics) {
    private static final String EVALUATE = "evaluate";

    /** Checks nulls, and that the names of metrics differ; copies the list. */
    public EvaluationSet {
        Given.require(EVALUATE, "the name of the data", name);
        Given.require(EVALUATE, "the data", data);
        metrics = Metrics.requireDifferent(EVALUATE, metrics);
    }

    /** The values by name. */
    Map<String, Double> values(Model model) {
        Map<String, Double> values = new LinkedHashMap<>();
        model.evaluate(data, metrics.toArray(Metric[]::new))
                .forEach((metric, value) -> values.put(name.isEmpty() ? metric : name + "." + metric, value));
        return values;
    }

    /** One batch of this. */
    EvaluationSet firstBatch() {
        int size = Math.min(data.batch(), data.dataset().size());
        return new EvaluationSet(name, DataLoader.of(data.dataset().take(size)).batch(size), metrics);
    }
}
