package dev.fluxion.examples.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Numbers as a small picture in a line, as {@code 2.1 █▅▂▁ 0.13}. */
final class Sparkline {
    private static final String HEIGHTS = "▁▂▃▄▅▆▇█";
    private static final int MOST = 60;

    private final double[] values;

    Sparkline(double... values) {
        this.values = Arrays.stream(values).filter(Double::isFinite).toArray();
    }

    @Override
    public String toString() {
        if (values.length == 0) {
            return "no values";
        }
        double least = Arrays.stream(values).min().orElse(0);
        double most = Arrays.stream(values).max().orElse(0);
        int shown = Math.min(MOST, values.length);
        String bars = IntStream.range(0, shown)
                .mapToObj(i -> bar(values[i * values.length / shown], least, most))
                .collect(Collectors.joining());
        return number(values[0]) + " " + bars + " " + number(values[values.length - 1]);
    }

    private static String bar(double x, double least, double most) {
        int height = most == least ? 0 : (int) Math.round((x - least) / (most - least) * (HEIGHTS.length() - 1));
        return HEIGHTS.substring(height, height + 1);
    }

    private static String number(double x) {
        return String.format(Locale.ROOT, "%.4g", x);
    }
}
