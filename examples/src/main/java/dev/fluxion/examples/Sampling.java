package dev.fluxion.examples;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Chooses among classes by their logits: the likelier, the oftener. */
final class Sampling {
    private final double temperature;
    private final int topK;
    private final SplittableRandom random;

    /**
     * A way to choose.
     *
     * @param temperature 0 for the likeliest, 1 by the probabilities, more for more surprises
     * @param topK choose among so many of the likeliest
     */
    Sampling(double temperature, int topK, long seed) {
        if (!(temperature >= 0 && Double.isFinite(temperature))) {
            throw new IllegalArgumentException("the temperature must be finite and at least 0 but is " + temperature);
        }
        if (topK < 1) {
            throw new IllegalArgumentException("top-k must be at least 1 but is " + topK);
        }
        this.temperature = temperature;
        this.topK = topK;
        this.random = new SplittableRandom(seed);
    }

    /** A class. */
    int choose(float... logits) {
        float[] sorted = logits.clone();
        Arrays.sort(sorted);
        float largest = sorted[sorted.length - 1];
        float least = sorted[Math.max(0, sorted.length - topK)];
        double[] upTo = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            double x = (logits[i] - largest) / Math.max(temperature, Float.MIN_VALUE);
            sum += logits[i] >= least ? Math.exp(x) : 0;
            upTo[i] = sum;
        }
        double place = random.nextDouble() * sum;
        int chosen = 0;
        while (upTo[chosen] <= place) {
            chosen++;
        }
        return chosen;
    }
}
