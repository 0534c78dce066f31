package dev.fluxion;

/** The mean of a metric over the samples that count. The sums are exact, so that no order of batches changes it. */
final class MeanTally implements Tally {
    private final Metric metric;
    private final ExactSum sum = new ExactSum();
    private final ExactSum samples = new ExactSum();

    MeanTally(Metric metric) {
        this.metric = metric;
    }

    @Override
    public void add(Tensor output, Tensor target) {
        double more = metric.sum(output, target);
        samples.add(metric.samples(target));
        sum.add(more);
    }

    @Override
    public void merge(Tally other) {
        merge(other, 1);
    }

    @Override
    public void merge(Tally other, double weight) {
        if (!(other instanceof MeanTally mean && mean.metric.equals(metric))) {
            throw new IllegalArgumentException(Errors.otherTally(metric.name()));
        }
        sum.add(mean.sum, weight);
        samples.add(mean.samples, weight);
    }

    @Override
    public double value() {
        return sum.value() / samples.value();
    }
}
