package dev.fluxion.dsl.metric;

import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The scores of each class. */
final class Ranks implements Tally {
    private final RankMetric metric;
    private final List<Scores> classes = new ArrayList<>();

    Ranks(RankMetric metric) {
        this.metric = metric;
    }

    @Override
    public void add(Tensor output, Tensor target) {
        Ranks batch = new Ranks(metric);
        if (metric.average() == Average.BINARY || metric.separate()) {
            batch.read(Bits.ofNumbers(metric.name(), output, target, metric.ignoreIndex()));
        } else {
            batch.read(Positions.ofNumbers(metric.name(), output, target, metric.ignoreIndex()));
        }
        merge(batch);
    }

    private void read(Bits bits) {
        boolean one = metric.average() == Average.BINARY || metric.average() == Average.MICRO;
        grow(one ? 1 : bits.labels());
        for (int i = 0; i < bits.count(); i++) {
            if (bits.counts(i)) {
                classes.get(one ? 0 : bits.label(i)).add(bits.output(i), bits.isYes(i));
            }
        }
    }

    private void read(Positions positions) {
        boolean one = metric.average() == Average.MICRO;
        grow(one ? 1 : positions.classes());
        for (int i = 0; i < positions.count(); i++) {
            if (positions.counts(i)) {
                double[] scores = positions.probabilities(i, metric.scale());
                for (int c = 0; c < scores.length; c++) {
                    classes.get(one ? 0 : c).add(scores[c], positions.label(i) == c);
                }
            }
        }
    }

    private void grow(int count) {
        while (classes.size() < count) {
            classes.add(new Scores());
        }
    }

    @Override
    public void merge(Tally other) {
        merge(other, 1);
    }

    @Override
    public void merge(Tally other, double weight) {
        Ranks more = Inputs.same(metric.name(), Ranks.class, other);
        if (!more.metric.equals(metric)) {
            throw new IllegalArgumentException(Errors.otherTally(metric.name()));
        }
        if (more.classes.isEmpty()) {
            return;
        }
        if (!classes.isEmpty() && classes.size() != more.classes.size()) {
            throw new IllegalArgumentException(Errors.otherClasses(metric.name(), classes.size(), more.classes.size()));
        }
        if (size() + more.size() > metric.limit()) {
            throw new IllegalArgumentException(Errors.tooManyScores(metric.name(), metric.limit()));
        }
        grow(more.classes.size());
        for (int c = 0; c < classes.size(); c++) {
            classes.get(c).add(more.classes.get(c), weight);
        }
    }

    private long size() {
        return classes.stream().mapToLong(Scores::size).sum();
    }

    @Override
    public double value() {
        return Averages.of(metric.average(), classes.size(), this::area, c -> classes.get(c)
                .positives());
    }

    @Override
    public Map<String, Double> values(String name) {
        return Averages.values(metric.average(), name, classes.size(), this::area, this);
    }

    private double area(int c) {
        Scores scores = classes.get(c);
        return metric.curve() == RankMetric.Curve.ROC ? scores.rocAuc() : scores.averagePrecision();
    }
}
