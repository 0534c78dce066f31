package dev.fluxion.dsl.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Metric;
import dev.fluxion.dsl.train.Metrics;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Metrics are those of scikit-learn and torchmetrics, whatever the batches, and to the bit the same for all of these. */
class RecordedMetricsTest {
    private static final Map<String, Metric> METRICS = metrics();

    private static Map<String, Metric> metrics() {
        Map<String, Metric> all = new HashMap<>();
        all.put("accuracy()", Metrics.accuracy());
        all.put("topAccuracy(2)", Metrics.topAccuracy(2));
        all.put("binaryAccuracy()", Metrics.binaryAccuracy());
        Map<String, Function<Average, ClassMetric>> ratios = Map.of(
                "precision",
                Metrics::precision,
                "recall",
                Metrics::recall,
                "f1",
                Metrics::f1,
                "dice",
                Metrics::dice,
                "iou",
                Metrics::iou);
        Map<String, Function<Average, RankMetric>> ranks =
                Map.of("rocAuc", Metrics::rocAuc, "averagePrecision", Metrics::averagePrecision);
        for (Average average : Average.values()) {
            ratios.forEach((name, metric) -> {
                all.put(name + "(" + average + ")", metric.apply(average));
                all.put(
                        name + "(" + average + ").multiLabel()",
                        metric.apply(average).multiLabel());
            });
            ranks.forEach((name, metric) -> {
                all.put(name + "(" + average + ")", metric.apply(average));
                all.put(
                        name + "(" + average + ").multiLabel()",
                        metric.apply(average).multiLabel());
                all.put(
                        name + "(" + average + ").probabilities()",
                        metric.apply(average).probabilities());
            });
        }
        all.put("logLoss()", Metrics.logLoss());
        all.put("logLoss().probabilities()", Metrics.logLoss().probabilities());
        all.put("binaryLogLoss()", Metrics.binaryLogLoss());
        all.put("perplexity()", Metrics.perplexity());
        all.put("perplexity().probabilities()", Metrics.perplexity().probabilities());
        all.put("calibrationError()", Metrics.calibrationError());
        all.put("calibrationError().bins(10)", Metrics.calibrationError().bins(10));
        all.put("calibrationError().probabilities()", Metrics.calibrationError().probabilities());
        all.put(
                "calibrationError().bins(10).probabilities()",
                Metrics.calibrationError().bins(10).probabilities());
        all.put("binaryCalibrationError()", Metrics.binaryCalibrationError());
        all.put("mae()", Metrics.mae());
        all.put("rmse()", Metrics.rmse());
        all.put("mape()", Metrics.mape());
        all.put("r2()", Metrics.r2());
        all.put("r2(MACRO)", Metrics.r2(Average.MACRO));
        all.put("r2(MICRO)", Metrics.r2(Average.MICRO));
        return all;
    }

    @TestFactory
    Stream<DynamicTest> areThoseOfOtherLibraries() {
        return RecordedCase.all().stream().flatMap(c -> c.lines().stream()
                .filter(line -> !line.metric().equals("confusion"))
                .map(line -> DynamicTest.dynamicTest(
                        c.name() + ": " + line.metric() + " of " + line.library(), () -> compare(c, line))));
    }

    private static void compare(RecordedCase c, RecordedCase.Line line) {
        Metric metric = c.measure(METRICS.get(line.metric()));
        double[] whole = c.measured(metric, Integer.MAX_VALUE / 2);
        assertThat(whole).hasSameSizeAs(line.values());
        for (int i = 0; i < whole.length; i++) {
            double expected = line.values()[i];
            if (Double.isNaN(expected)) {
                assertThat(whole[i]).as("value %d", i).isNaN();
            } else {
                assertThat(whole[i]).as("value %d", i).isCloseTo(expected, within(1e-12 * Math.abs(expected)));
            }
        }
        assertThat(c.measured(metric, 1)).as("single samples").isEqualTo(whole);
        assertThat(c.measured(metric, 7)).as("batches of 7").isEqualTo(whole);
        assertThat(c.merged(metric, metric::start)).as("merged").isEqualTo(whole);
    }

    @Test
    void confusionsAreThoseOfOtherLibraries() {
        for (RecordedCase c : RecordedCase.all()) {
            for (RecordedCase.Line line : c.lines()) {
                if (line.metric().equals("confusion")) {
                    ConfusionMatrix matrix = ConfusionMatrix.of();
                    c.add(matrix, 7);
                    int n = matrix.classes();
                    for (int i = 0; i < line.values().length; i++) {
                        assertThat(matrix.count(i / n, i % n)).isEqualTo((long) line.values()[i]);
                    }
                    assertThat(line.values()).hasSize(n * n);
                    assertThat(matrix.value()).isEqualTo(c.measured(Metrics.accuracy(), 1)[0], within(1e-15));
                }
            }
        }
    }
}
