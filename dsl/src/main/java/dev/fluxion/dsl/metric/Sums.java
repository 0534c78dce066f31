package dev.fluxion.dsl.metric;

import dev.fluxion.ExactSum;
import dev.fluxion.Metric;
import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Some exact sums, numbered, with how many numbers were added to each. */
final class Sums implements Tally {
    private final Metric metric;
    private final Reader reader;
    private final ToDoubleFunction<Sums> value;
    private final List<Sum> all = new ArrayList<>();

    /** A sum, and what was added to it. */
    private static final class Sum {
        private final ExactSum sum = new ExactSum();
        private long numbers;
        private final ExactSum weights = new ExactSum();
        /** How many numbers have weight 1; their weights are in no sum. */
        private long whole;

        void add(double x, long count) {
            sum.add(x);
            numbers += count;
            whole += count;
        }

        void add(Sum more, double weight) {
            sum.add(more.sum, weight);
            numbers += more.numbers;
            weights.add(more.weights, weight);
            if (weight == 1) {
                whole += more.whole;
            } else {
                weights.add(more.whole * weight);
            }
        }

        ExactSum weight() {
            ExactSum total = new ExactSum();
            total.add(weights);
            total.add((double) whole);
            return total;
        }
    }

    /** Adds what it finds in a batch. */
    interface Reader {
        void read(Tensor output, Tensor target, Sums to);
    }

    Sums(Metric metric, Reader reader, ToDoubleFunction<Sums> value) {
        this.metric = metric;
        this.reader = reader;
        this.value = value;
    }

    @Override
    public void add(Tensor output, Tensor target) {
        Sums batch = new Sums(metric, reader, value);
        reader.read(output, target, batch);
        take(batch, 1);
    }

    /** Adds a number to a sum. */
    void add(int sum, double x) {
        add(sum, x, 1);
    }

    /** Adds to a sum what so many numbers add up to, exactly. */
    void add(int sum, double x, long count) {
        grow(sum);
        all.get(sum).add(x, count);
    }

    private void grow(int sum) {
        while (all.size() <= sum) {
            all.add(new Sum());
        }
    }

    @Override
    public void merge(Tally other) {
        merge(other, 1);
    }

    @Override
    public void merge(Tally other, double weight) {
        Sums more = Inputs.same(metric.name(), Sums.class, other);
        if (!more.metric.equals(metric)) {
            throw new IllegalArgumentException(Errors.otherTally(metric.name()));
        }
        take(more, weight);
    }

    private void take(Sums more, double weight) {
        for (int i = 0; i < more.all.size(); i++) {
            grow(i);
            all.get(i).add(more.all.get(i), weight);
        }
    }

    @Override
    public double value() {
        return value.applyAsDouble(this);
    }

    /** How many sums there are. */
    int size() {
        return all.size();
    }

    /** How many numbers were added to a sum. */
    long count(int sum) {
        return sum < size() ? all.get(sum).numbers : 0;
    }

    /** What the numbers of a sum weigh together; 1 each unless tallies were merged with weights. */
    ExactSum weight(int sum) {
        return sum < size() ? all.get(sum).weight() : new ExactSum();
    }

    /** A sum. */
    ExactSum sum(int sum) {
        return sum < size() ? all.get(sum).sum : new ExactSum();
    }

    /** The mean of the numbers that were added to a sum; NaN where there are none. */
    double mean(int sum) {
        return sum(sum).value() / weight(sum).value();
    }
}
