package dev.fluxion.examples.benchmarks;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether libraries compute the same numbers. Steps of training multiply what rounding has made of the weights: by how much, PyTorch
 * tells, whose two layouts compute the same in another order. The three losses of the U-Net are 10.7973, 9.5360 and 7.8661 in double
 * precision; in one layout the last two are off by 0.0001 and 0.0022, in the other by 0.0152 and 0.0954, here by 0.0000 and 0.0020.
 */
final class Agreement {
    /** How far values may lie apart, as a part of the largest. */
    static final double TOLERANCE = 1e-4;
    /** How much further apart a loss and another library's may lie than those of PyTorch's layouts. */
    static final int ROUNDED = 4;

    private Agreement() {}

    /**
     * What is wrong with the values that libraries gave.
     *
     * @param mode what they are: the logits of a batch, or the losses of steps that follow each other
     * @return empty if they agree
     */
    static String check(Cell.Mode mode, Map<String, float[]> values) {
        String first = "";
        float[] expected = {};
        double[] rounding = mode == Cell.Mode.TRAIN
                ? rounding(values.get(Peer.PYTORCH.title()), values.get(Peer.PYTORCH_LAST.title()))
                : new double[0];
        for (Map.Entry<String, float[]> entry : values.entrySet()) {
            float[] actual = entry.getValue();
            for (float value : actual) {
                if (!Float.isFinite(value)) {
                    return Errors.notFinite(entry.getKey());
                }
            }
            if (expected.length == 0) {
                first = entry.getKey();
                expected = actual;
            } else if (actual.length != 0) {
                String difference = compare(first, expected, entry.getKey(), actual, rounding);
                if (!difference.isEmpty()) {
                    return difference;
                }
            }
        }
        return "";
    }

    /** How far apart two series lie up to each place; none if there are no two. */
    private static double[] rounding(float @Nullable [] one, float @Nullable [] other) {
        if (one == null || other == null || one.length != other.length) {
            return new double[0];
        }
        double[] apart = new double[one.length];
        for (int i = 0; i < apart.length; i++) {
            apart[i] = Math.max(i == 0 ? 0 : apart[i - 1], Math.abs(one[i] - other[i]));
        }
        return apart;
    }

    private static String compare(String first, float[] expected, String second, float[] actual, double[] rounding) {
        if (expected.length != actual.length) {
            return Errors.differentCounts(first, second);
        }
        double largest = Double.MIN_NORMAL;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            double apart = Math.abs(expected[i] - actual[i]);
            double allowed = Math.max(TOLERANCE * largest, i < rounding.length ? ROUNDED * rounding[i] : 0);
            worst = Math.max(worst, apart <= allowed ? 0 : apart);
        }
        return worst == 0 ? "" : Errors.disagree(first, second, worst / largest);
    }
}
