package dev.fluxion.dsl.metric;

import dev.fluxion.ExactSum;
import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The hits, predictions and targets of each class. */
final class ClassCounts implements Tally {
    private final ClassMetric metric;
    private final List<Counts> classes = new ArrayList<>();

    /** The counts of a class, or what was counted weighs. */
    private record Counts(ExactSum hits, ExactSum predicted, ExactSum actual) {
        static Counts none() {
            return new Counts(new ExactSum(), new ExactSum(), new ExactSum());
        }

        void add(Counts more, double weight) {
            hits.add(more.hits, weight);
            predicted.add(more.predicted, weight);
            actual.add(more.actual, weight);
        }
    }

    /** The counts of a batch. */
    private static final class Batch {
        private final double[] hits;
        private final double[] predicted;
        private final double[] actual;

        Batch(int classes) {
            hits = new double[classes];
            predicted = new double[classes];
            actual = new double[classes];
        }
    }

    ClassCounts(ClassMetric metric) {
        this.metric = metric;
    }

    @Override
    public void add(Tensor output, Tensor target) {
        Batch batch = metric.average() == Average.BINARY || metric.separate()
                ? count(Bits.ofNumbers(metric.name(), output, target, metric.ignoreIndex()))
                : count(Positions.ofNumbers(metric.name(), output, target, metric.ignoreIndex()));
        requireClasses(batch.hits.length);
        for (int c = 0; c < classes.size(); c++) {
            classes.get(c).hits.add(batch.hits[c]);
            classes.get(c).predicted.add(batch.predicted[c]);
            classes.get(c).actual.add(batch.actual[c]);
        }
    }

    private Batch count(Positions positions) {
        Batch batch = new Batch(positions.classes());
        for (int i = 0; i < positions.count(); i++) {
            if (positions.counts(i)) {
                int found = positions.largest(i);
                int label = positions.label(i);
                batch.predicted[found]++;
                batch.actual[label]++;
                batch.hits[label] += found == label ? 1 : 0;
            }
        }
        return batch;
    }

    private Batch count(Bits bits) {
        boolean one = metric.average() == Average.BINARY;
        Batch batch = new Batch(one ? 1 : bits.labels());
        for (int i = 0; i < bits.count(); i++) {
            if (bits.counts(i)) {
                int label = one ? 0 : bits.label(i);
                boolean found = bits.output(i) > metric.threshold();
                batch.predicted[label] += found ? 1 : 0;
                batch.actual[label] += bits.isYes(i) ? 1 : 0;
                batch.hits[label] += found && bits.isYes(i) ? 1 : 0;
            }
        }
        return batch;
    }

    private void requireClasses(int count) {
        if (!classes.isEmpty() && classes.size() != count) {
            throw new IllegalArgumentException(Errors.otherClasses(metric.name(), classes.size(), count));
        }
        while (classes.size() < count) {
            classes.add(Counts.none());
        }
    }

    @Override
    public void merge(Tally other) {
        merge(other, 1);
    }

    @Override
    public void merge(Tally other, double weight) {
        ClassCounts counts = Inputs.same(metric.name(), ClassCounts.class, other);
        if (!counts.metric.equals(metric)) {
            throw new IllegalArgumentException(Errors.otherTally(metric.name()));
        }
        if (!counts.classes.isEmpty()) {
            requireClasses(counts.classes.size());
            for (int c = 0; c < classes.size(); c++) {
                classes.get(c).add(counts.classes.get(c), weight);
            }
        }
    }

    @Override
    public double value() {
        if (metric.average() == Average.MICRO) {
            return metric.ratio().of(total(Counts::hits), total(Counts::predicted), total(Counts::actual));
        }
        return Averages.of(metric.average(), classes.size(), this::ratio, c -> classes.get(c)
                .actual
                .value());
    }

    private double total(Function<Counts, ExactSum> part) {
        ExactSum total = new ExactSum();
        classes.forEach(counts -> total.add(part.apply(counts)));
        return total.value();
    }

    @Override
    public Map<String, Double> values(String name) {
        return Averages.values(metric.average(), name, classes.size(), this::ratio, this);
    }

    private double ratio(int c) {
        Counts counts = classes.get(c);
        return metric.ratio().of(counts.hits.value(), counts.predicted.value(), counts.actual.value());
    }
}
