package dev.fluxion.reports;

import java.util.Map;

/** The values that TensorBoard shows, each with its tag. */
final class Summaries {
    private static final int TAG = 1;
    private static final int SCALAR = 2;
    private static final int IMAGE = 4;
    private static final int HISTOGRAM = 5;
    private static final int TENSOR = 8;
    private static final int METADATA = 9;

    private static final int BUCKETS = 30;
    private static final String HPARAMS = "hparams";

    private Summaries() {}

    static Proto scalar(String tag, double value) {
        return Proto.message().text(TAG, tag).single(SCALAR, (float) value);
    }

    static Proto image(String tag, Picture picture) {
        return Proto.message()
                .text(TAG, tag)
                .message(
                        IMAGE,
                        Proto.message()
                                .integer(1, picture.height())
                                .integer(2, picture.width())
                                .integer(3, picture.channels())
                                .bytes(4, picture.png()));
    }

    /** Thirty equal buckets from the smallest to the largest number; those that are not finite do not count. */
    static Proto histogram(String tag, float... values) {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (float value : values) {
            if (Float.isFinite(value)) {
                min = Math.min(min, value);
                max = Math.max(max, value);
                sum += value;
                squares += (double) value * value;
                count++;
            }
        }
        return Proto.message()
                .text(TAG, tag)
                .message(
                        HISTOGRAM,
                        Proto.message()
                                .real(1, count == 0 ? 0 : min)
                                .real(2, count == 0 ? 0 : max)
                                .real(3, count)
                                .real(4, sum)
                                .real(5, squares)
                                .reals(6, limits(min, max))
                                .reals(7, buckets(min, max, values)));
    }

    private static double[] limits(double min, double max) {
        double[] limits = new double[min < max ? BUCKETS : 1];
        for (int i = 0; i < limits.length; i++) {
            limits[i] = min < max ? min + (max - min) * (i + 1) / BUCKETS : min > max ? 0 : max;
        }
        return limits;
    }

    private static double[] buckets(double min, double max, float... values) {
        double[] buckets = new double[min < max ? BUCKETS : 1];
        double scale = min < max ? BUCKETS / (max - min) : 0;
        for (float value : values) {
            if (Float.isFinite(value)) {
                buckets[Math.min((int) ((value - min) * scale), buckets.length - 1)]++;
            }
        }
        return buckets;
    }

    /**
     * The begin of a training for the table of hyperparameters.
     *
     * @param parameters numbers and texts by name
     * @param seconds the time since 1970
     */
    static Proto sessionStart(Map<String, Object> parameters, double seconds) {
        Proto start = Proto.message();
        parameters.forEach((name, value) -> start.message(
                1,
                Proto.message()
                        .text(1, name)
                        .message(
                                2,
                                value instanceof Number number
                                        ? Proto.message().real(2, number.doubleValue())
                                        : Proto.message().text(3, value.toString()))));
        return session("_hparams_/session_start_info", Proto.message().message(3, start.real(5, seconds)));
    }

    /** Its end. */
    static Proto sessionEnd(boolean success, double seconds) {
        Proto end = Proto.message().integer(1, success ? 1 : 2).real(2, seconds);
        return session("_hparams_/session_end_info", Proto.message().message(4, end));
    }

    /** Content of the plugin, beside a tensor without elements. */
    private static Proto session(String tag, Proto content) {
        Proto plugin = Proto.message().text(1, HPARAMS).bytes(2, content.toBytes());
        Proto shape = Proto.message().message(2, Proto.message());
        return Proto.message()
                .text(TAG, tag)
                .message(TENSOR, Proto.message().integer(1, 1).message(2, shape))
                .message(METADATA, Proto.message().message(1, plugin).integer(4, 2));
    }
}
