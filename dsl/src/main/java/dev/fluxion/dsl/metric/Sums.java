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
    private final List<ExactSum> sums = new ArrayList<>();
    private final List<Long> counts = new ArrayList<>();

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
        take(batch);
    }

    /** Adds a number to a sum. */
    void add(int sum, double x) {
        add(sum, x, 1);
    }

    /** Adds to a sum what so many numbers add up to, exactly. */
    void add(int sum, double x, long count) {
        grow(sum);
        sums.get(sum).add(x);
        counts.set(sum, counts.get(sum) + count);
    }

    private void grow(int sum) {
        while (sums.size() <= sum) {
            sums.add(new ExactSum());
            counts.add(0L);
        }
    }

    @Override
    public void merge(Tally other) {
        Sums more = Inputs.same(metric.name(), Sums.class, other);
        if (!more.metric.equals(metric)) {
            throw new IllegalArgumentException(Errors.otherTally(metric.name()));
        }
        take(more);
    }

    private void take(Sums more) {
        for (int i = 0; i < more.sums.size(); i++) {
            grow(i);
            sums.get(i).add(more.sums.get(i));
            counts.set(i, counts.get(i) + more.counts.get(i));
        }
    }

    @Override
    public double value() {
        return value.applyAsDouble(this);
    }

    /** How many sums there are. */
    int size() {
        return sums.size();
    }

    /** How many numbers were added to a sum. */
    long count(int sum) {
        return sum < size() ? counts.get(sum) : 0;
    }

    /** A sum. */
    ExactSum sum(int sum) {
        return sum < size() ? sums.get(sum) : new ExactSum();
    }

    /** The mean of the numbers that were added to a sum; NaN where there are none. */
    double mean(int sum) {
        return sum(sum).value() / count(sum);
    }
}
