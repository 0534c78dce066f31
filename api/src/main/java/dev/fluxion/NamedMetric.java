package dev.fluxion;

import dev.fluxion.ir.Given;
import java.util.Map;

/** A metric of an output and a target by name. */
record NamedMetric(Metric metric, String output, String target) implements Metric {
    NamedMetric {
        Given.require("on", "the output", output);
        Given.require("on", "the target", target);
    }

    @Override
    public String name() {
        return output + "." + metric.name();
    }

    @Override
    public Tally start() {
        return new Named(this, metric.start());
    }

    @Override
    public double sum(Tensor outputs, Tensor targets) {
        return metric.sum(outputs, targets);
    }

    @Override
    public double samples(Tensor targets) {
        return metric.samples(targets);
    }

    private record Named(NamedMetric by, Tally tally) implements Tally {
        @Override
        public void add(Tensor output, Tensor target) {
            tally.add(output, target);
        }

        @Override
        public void add(Tensors outputs, Tensors targets) {
            tally.add(outputs.get(by.output), targets.get(by.target));
        }

        @Override
        public void merge(Tally other) {
            merge(other, 1);
        }

        @Override
        public void merge(Tally other, double weight) {
            if (!(other instanceof Named named && named.by.equals(by))) {
                throw new IllegalArgumentException(Errors.otherTally(by.name()));
            }
            tally.merge(named.tally, weight);
        }

        @Override
        public double value() {
            return tally.value();
        }

        @Override
        public Map<String, Double> values(String name) {
            return tally.values(name);
        }
    }
}
