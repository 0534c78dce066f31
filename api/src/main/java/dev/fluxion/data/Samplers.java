package dev.fluxion.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** Orders of samples. */
final class Samplers {
    private Samplers() {}

    record InOrder() implements Sampler {
        @Override
        public int[] order(int samples, int batch, int epoch) {
            return IntStream.range(0, samples).toArray();
        }

        @Override
        public String toString() {
            return "in order";
        }
    }

    record Shuffled(long seed) implements Sampler {
        @Override
        public int[] order(int samples, int batch, int epoch) {
            return new Rng(seed, epoch).permutation(samples);
        }

        @Override
        public String toString() {
            return "shuffled with seed " + seed;
        }
    }

    /** The weights, each with those before it. */
    @SuppressWarnings("ArrayRecordComponent")
    record Weighted(long seed, double[] sums, int count) implements Sampler {
        Weighted {
            Errors.requireAtLeast("weighted", "the number of samples of an epoch", 1, count);
        }

        @Override
        public int count(int samples) {
            if (samples != sums.length) {
                throw new IllegalArgumentException(Errors.otherNumber("weights", sums.length, samples));
            }
            return count;
        }

        @Override
        public int[] order(int samples, int batch, int epoch) {
            Rng random = new Rng(seed, epoch);
            double total = sums[sums.length - 1];
            return IntStream.range(0, count(samples))
                    .map(i -> find(Math.min(random.between(0, total), Math.nextDown(total))))
                    .toArray();
        }

        /** The first sample whose sum is above a number. */
        private int find(double number) {
            int low = 0;
            int high = sums.length - 1;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (sums[middle] > number) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            return low;
        }

        @Override
        public String toString() {
            return count + " drawn by weights " + Integer.toHexString(Arrays.hashCode(sums)) + " with seed " + seed;
        }
    }

    static double[] sums(double[] weights) {
        double[] sums = new double[weights.length];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            if (!(weights[i] >= 0 && Double.isFinite(weights[i]))) {
                throw new IllegalArgumentException(Errors.badWeight(i, weights[i]));
            }
            sum += weights[i];
            sums[i] = sum;
        }
        if (!(sum > 0 && Double.isFinite(sum))) {
            throw new IllegalArgumentException(Errors.noWeight(sum));
        }
        return sums;
    }

    static double[] balance(int[] labels) {
        Map<Integer, Integer> counts = new HashMap<>();
        for (int label : labels) {
            counts.merge(label, 1, Integer::sum);
        }
        return Arrays.stream(labels)
                .mapToDouble(label -> 1.0 / counts.getOrDefault(label, 1))
                .toArray();
    }

    @SuppressWarnings("ArrayRecordComponent")
    record ByLength(long seed, int[] lengths) implements Sampler {
        private static final int POOL = 50;

        @Override
        public int[] order(int samples, int batch, int epoch) {
            if (samples != lengths.length) {
                throw new IllegalArgumentException(Errors.otherNumber("lengths", lengths.length, samples));
            }
            Rng random = new Rng(seed, epoch);
            int[] shuffled = random.permutation(samples);
            int pool = (int) Math.min(samples, (long) POOL * batch);
            int[] sorted = new int[samples];
            for (int from = 0; from < samples; from += pool) {
                int to = Math.min(samples, from + pool);
                int[] part = Arrays.stream(shuffled, from, to)
                        .boxed()
                        .sorted(Comparator.comparingInt(i -> lengths[i]))
                        .mapToInt(i -> i)
                        .toArray();
                System.arraycopy(part, 0, sorted, from, part.length);
            }
            int[] batches = random.permutation(samples / batch);
            int[] order = sorted.clone();
            for (int i = 0; i < batches.length; i++) {
                System.arraycopy(sorted, batches[i] * batch, order, i * batch, batch);
            }
            return order;
        }

        @Override
        public String toString() {
            return "by length with seed " + seed;
        }
    }
}
