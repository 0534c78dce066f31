package dev.fluxion.examples.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.ToDoubleFunction;

/**
 * Times of one step, summarised; all in microseconds.
 *
 * @param count how many there were
 * @param min the shortest
 * @param quartile1 a quarter is shorter
 * @param median half is shorter
 * @param quartile3 three quarters are shorter
 */
record Samples(int count, double min, double quartile1, double median, double quartile3) {
    /** A summary of times. */
    static Samples of(double... times) {
        double[] sorted = times.clone();
        Arrays.sort(sorted);
        return new Samples(
                sorted.length, sorted[0], quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75));
    }

    /**
     * A summary of rounds that lie apart in time: the median of their medians and of their quartiles, so that a round that
     * was disturbed counts as one. Rounds of one time each are taken together, for only so do they have quartiles.
     */
    static Samples ofRounds(List<Samples> rounds) {
        if (rounds.stream().allMatch(round -> round.count() == 1)) {
            return of(rounds.stream().mapToDouble(Samples::median).toArray());
        }
        return new Samples(
                rounds.stream().mapToInt(Samples::count).sum(),
                rounds.stream().mapToDouble(Samples::min).min().orElseThrow(),
                median(rounds, Samples::quartile1),
                median(rounds, Samples::median),
                median(rounds, Samples::quartile3));
    }

    /** The interquartile range as a part of the median. */
    @JsonProperty(access = JsonProperty.Access.READ_ONLY)
    double spread() {
        return median == 0 ? 0 : (quartile3 - quartile1) / median;
    }

    private static double median(List<Samples> rounds, ToDoubleFunction<Samples> value) {
        return quantile(rounds.stream().mapToDouble(value).sorted().toArray(), 0.5);
    }

    /** A quantile of sorted numbers, interpolated. */
    private static double quantile(double[] sorted, double part) {
        double position = part * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    /** The numbers on a line. */
    String line() {
        StringJoiner line = new StringJoiner(" ");
        line.add(Integer.toString(count));
        for (double value : new double[] {min, quartile1, median, quartile3}) {
            line.add(String.format(Locale.ROOT, "%.4f", value));
        }
        return line.toString();
    }

    /** The samples of a {@link #line}. */
    static Samples parse(String line) {
        String[] parts = line.split(" ");
        return new Samples(
                Integer.parseInt(parts[0]),
                Double.parseDouble(parts[1]),
                Double.parseDouble(parts[2]),
                Double.parseDouble(parts[3]),
                Double.parseDouble(parts[4]));
    }
}
