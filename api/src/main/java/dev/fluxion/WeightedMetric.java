package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A metric whose samples have weights.
 *
 * @param metric the metric of samples that count the same
 * @param weights the name of the target with the weights
 */
record WeightedMetric(Metric metric, String weights) implements Metric {
    WeightedMetric {
        Given.require("weighted", "the name of the weights", weights);
    }

    @Override
    public String name() {
        return metric.name() + ".weighted";
    }

    @Override
    public Tally start() {
        return new Weighted(this, metric.start());
    }

    /** Each sample has a tally of its own, which is merged as often as the sample counts. */
    private record Weighted(WeightedMetric by, Tally tally) implements Tally {
        @Override
        public void add(Tensor output, Tensor target) {
            throw new IllegalArgumentException(Errors.noWeights(by.name(), by.weights));
        }

        @Override
        public void add(Tensors outputs, Tensors targets) {
            Map<String, Tensor> others = new LinkedHashMap<>(targets.all());
            others.remove(by.weights);
            Tensors measured = new Tensors(others);
            float[] weights = weights(targets.get(by.weights), outputs);
            Tally batch = by.metric.start();
            for (int i = 0; i < weights.length; i++) {
                if (weights[i] > 0) {
                    int sample = i;
                    Tally one = by.metric.start();
                    one.add(
                            outputs.map(t -> t.rows(sample, sample + 1)),
                            measured.map(t -> t.rows(sample, sample + 1)));
                    batch.merge(one, weights[i]);
                }
            }
            tally.merge(batch);
        }

        private float[] weights(Tensor given, Tensors outputs) {
            int samples = outputs.all().values().iterator().next().shape().dim(0);
            if (given.dtype() != DType.FLOAT || !given.shape().equals(Shape.of(samples))) {
                throw new IllegalArgumentException(Errors.badWeights(by.name(), by.weights, given, samples));
            }
            float[] weights = given.floats();
            for (int i = 0; i < weights.length; i++) {
                if (!(weights[i] >= 0 && Float.isFinite(weights[i]))) {
                    throw new IllegalArgumentException(Errors.badWeight(by.name(), by.weights, i, weights[i]));
                }
            }
            return weights;
        }

        @Override
        public void merge(Tally other) {
            merge(other, 1);
        }

        @Override
        public void merge(Tally other, double weight) {
            if (!(other instanceof Weighted weighted && weighted.by.equals(by))) {
                throw new IllegalArgumentException(Errors.otherTally(by.name()));
            }
            tally.merge(weighted.tally, weight);
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
