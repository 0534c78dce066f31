package dev.fluxion;

import dev.fluxion.ir.Given;
import java.util.Map;

/** A metric of an output and a target by their names. */
record NamedMetric(Metric metric, String output, String target) implements Metric {
    NamedMetric {
        Given.require("on", "the name of the output", output);
        Given.require("on", "the name of the target", target);
    }

    @Override
    public String name() {
        return metric.name() + " of " + output;
    }

    @Override
    public Tally start() {
        return new Named(metric.start(), output, target);
    }

    @Override
    public double sum(Tensor of, Tensor expected) {
        return metric.sum(of, expected);
    }

    @Override
    public double samples(Tensor of) {
        return metric.samples(of);
    }

    /** A tally that takes its output and target from among others. */
    private record Named(Tally tally, String output, String target) implements Tally {
        @Override
        public void add(Tensor of, Tensor expected) {
            tally.add(of, expected);
        }

        @Override
        public void add(Tensors outputs, Tensors targets) {
            tally.add(outputs.get(output), targets.get(target));
        }

        @Override
        public void merge(Tally other) {
            tally.merge(other instanceof Named named ? named.tally : other);
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
