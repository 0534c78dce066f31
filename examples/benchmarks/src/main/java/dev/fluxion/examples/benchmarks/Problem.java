package dev.fluxion.examples.benchmarks;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A cell with its numbers, the same in every library: they are drawn with SplitMix64, 24 bits a number.
 *
 * @param net the net
 * @param weights the first value of every parameter and buffer: weights uniform in ±√(3/fan in), which keeps the size of what goes
 *     through deep nets, biases in ±√(1/fan in); of norms, weights and variances in [½, 1½], biases and means in ±½
 * @param inputs a batch of inputs, uniform in [0, 1)
 * @param labels the class of each
 */
record Problem(Net net, List<Tensor> weights, Tensor inputs, Tensor labels) {
    /** The learning rate of training. */
    static final double LEARNING_RATE = 0.001;

    static Problem of(Cell cell) {
        Net net = Net.named(cell.net());
        Random random = new Random(1);
        List<Tensor> weights = new ArrayList<>();
        for (Net.First first : net.parameters()) {
            float[] values = new float[first.shape().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (first.least() + (first.most() - first.least()) * random.next());
            }
            weights.add(Tensor.of(values, first.shape()));
        }
        float[] inputs = new float[cell.batch() * net.sample().size()];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = (float) random.next();
        }
        int[] labels = new int[cell.batch()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (int) (random.next() * net.classes());
        }
        return new Problem(net, weights, Tensor.of(inputs, batched(net.sample(), cell.batch())), Tensor.labels(labels));
    }

    /** How many samples the batch has. */
    int batch() {
        return labels.size();
    }

    /** The extents of the batch of inputs. */
    long[] inputDims() {
        return dims(inputs.shape());
    }

    /** The extents of a shape, as most libraries take them. */
    static long[] dims(Shape shape) {
        return Arrays.stream(shape.dims()).asLongStream().toArray();
    }

    private static Shape batched(Shape sample, int batch) {
        int[] dims = new int[sample.rank() + 1];
        dims[0] = batch;
        System.arraycopy(sample.dims(), 0, dims, 1, sample.rank());
        return Shape.of(dims);
    }

    /** SplitMix64 (Steele, Lea and Flood, 2014). */
    private static final class Random {
        private long state;

        Random(long seed) {
            this.state = seed;
        }

        double next() {
            state += 0x9E3779B97F4A7C15L;
            long z = state;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
            return (z >>> 40) * 0x1p-24;
        }
    }
}
