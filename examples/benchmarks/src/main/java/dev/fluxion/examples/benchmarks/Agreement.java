package dev.fluxion.examples.benchmarks;

import java.util.Map;

/** Whether libraries compute the same numbers. */
final class Agreement {
    /** How far values may lie apart, as a part of the largest. */
    static final double TOLERANCE = 1e-4;

    private Agreement() {}

    /**
     * What is wrong with the values that libraries gave.
     *
     * @return empty if they agree
     */
    static String check(Map<String, float[]> values) {
        String first = "";
        float[] expected = {};
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
                String difference = compare(first, expected, entry.getKey(), actual);
                if (!difference.isEmpty()) {
                    return difference;
                }
            }
        }
        return "";
    }

    private static String compare(String first, float[] expected, String second, float[] actual) {
        if (expected.length != actual.length) {
            return Errors.differentCounts(first, second);
        }
        double largest = Double.MIN_NORMAL;
        double apart = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            apart = Math.max(apart, Math.abs(expected[i] - actual[i]));
        }
        return apart <= TOLERANCE * largest ? "" : Errors.disagree(first, second, apart / largest);
    }
}
