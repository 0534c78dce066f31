package dev.fluxion.dsl.metric;

import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import java.util.Map;
import java.util.stream.LongStream;

/** The hits, predictions and targets of each class. */
final class ClassCounts implements Tally {
    private final ClassMetric metric;
    private long[] hits = {};
    private long[] predicted = {};
    private long[] actual = {};

    ClassCounts(ClassMetric metric) {
        this.metric = metric;
    }

    @Override
    public void add(Tensor output, Tensor target) {
        if (metric.average() == Average.BINARY || metric.separate()) {
            Bits bits = Bits.ofNumbers(metric.name(), output, target, metric.ignoreIndex());
            requireClasses(metric.average() == Average.BINARY ? 1 : bits.labels());
            for (int i = 0; i < bits.count(); i++) {
                if (bits.counts(i)) {
                    add(bits, i);
                }
            }
        } else {
            Positions positions = Positions.ofNumbers(metric.name(), output, target, metric.ignoreIndex());
            requireClasses(positions.classes());
            for (int i = 0; i < positions.count(); i++) {
                if (positions.counts(i)) {
                    int found = positions.largest(i);
                    int label = positions.label(i);
                    predicted[found]++;
                    actual[label]++;
                    hits[label] += found == label ? 1 : 0;
                }
            }
        }
    }

    private void add(Bits bits, int element) {
        int label = metric.average() == Average.BINARY ? 0 : bits.label(element);
        boolean found = bits.output(element) > metric.threshold();
        predicted[label] += found ? 1 : 0;
        actual[label] += bits.isYes(element) ? 1 : 0;
        hits[label] += found && bits.isYes(element) ? 1 : 0;
    }

    private void requireClasses(int classes) {
        if (hits.length == 0) {
            hits = new long[classes];
            predicted = new long[classes];
            actual = new long[classes];
        } else if (hits.length != classes) {
            throw new IllegalArgumentException(Errors.otherClasses(metric.name(), hits.length, classes));
        }
    }

    @Override
    public void merge(Tally other) {
        ClassCounts counts = Inputs.same(metric.name(), ClassCounts.class, other);
        if (!counts.metric.equals(metric)) {
            throw new IllegalArgumentException(Errors.otherTally(metric.name()));
        }
        if (counts.hits.length > 0) {
            requireClasses(counts.hits.length);
            for (int c = 0; c < hits.length; c++) {
                hits[c] += counts.hits[c];
                predicted[c] += counts.predicted[c];
                actual[c] += counts.actual[c];
            }
        }
    }

    @Override
    public double value() {
        if (metric.average() == Average.MICRO) {
            return metric.ratio()
                    .of(
                            LongStream.of(hits).sum(),
                            LongStream.of(predicted).sum(),
                            LongStream.of(actual).sum());
        }
        return Averages.of(metric.average(), hits.length, this::ratio, c -> actual[c]);
    }

    @Override
    public Map<String, Double> values(String name) {
        return Averages.values(metric.average(), name, hits.length, this::ratio, this);
    }

    private double ratio(int c) {
        return metric.ratio().of(hits[c], predicted[c], actual[c]);
    }
}
