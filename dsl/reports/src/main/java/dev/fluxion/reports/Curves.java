package dev.fluxion.reports;

import dev.fluxion.dsl.internal.Chart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The charts of a run, over the number of the iteration. */
final class Curves {
    private static final List<String> COLOURS =
            List.of("var(--two)", "var(--three)", "var(--four)", "var(--five)", "var(--ink)");

    private final Run run;
    private final double[] steps;
    private final int[] ends;

    Curves(Run run) {
        this.run = run;
        this.steps = column(run.steps(), "step");
        this.ends = ends(column(run.steps(), "epoch"));
    }

    private static double[] column(Table table, String name) {
        return table.columns().contains(name) ? table.column(name) : new double[0];
    }

    /** The numbers of rows at which epochs end. */
    private static int[] ends(double... epochs) {
        int[] ends = new int[epochs.length];
        int count = 0;
        for (int i = 1; i <= epochs.length; i++) {
            if (i == epochs.length || epochs[i] > epochs[i - 1]) {
                ends[count++] = i;
            }
        }
        return Arrays.copyOf(ends, count);
    }

    boolean isEmpty() {
        return steps.length == 0;
    }

    /** The loss of the batches, and what evaluations call a loss. */
    String loss() {
        float[] all = floats(column(run.steps(), "loss"));
        int window = Math.max(1, all.length / 40);
        List<Chart.Line> lines = new ArrayList<>();
        lines.add(Chart.Line.counted("each batch", "var(--one)", 1, all));
        lines.add(Chart.Line.counted("mean of " + window, COLOURS.get(0), 2.2, means(all, window)));
        run.metrics().stream()
                .filter(Curves::isLoss)
                .limit(3)
                .forEach(name -> lines.add(line(name, COLOURS.get(lines.size() - 1))));
        return chart("Loss", lines, true);
    }

    static boolean isLoss(String metric) {
        return metric.toLowerCase(Locale.ROOT).endsWith("loss");
    }

    String learningRate() {
        float[] rates = floats(column(run.steps(), "learning_rate"));
        return chart("Learning rate", List.of(Chart.Line.counted("learning rate", COLOURS.get(3), 2.2, rates)), true);
    }

    String metric(String name) {
        return chart(name, List.of(line(name, COLOURS.get(1))), false);
    }

    /** A value of the evaluations, where they were made. */
    private Chart.Line line(String name, String colour) {
        double[] at = run.epochs().column("step");
        int[] places = new int[at.length];
        for (int i = 0; i < at.length; i++) {
            places[i] = iterations(at[i]);
        }
        return new Chart.Line(name, colour, 2.2, floats(run.epochs().column(name)), places);
    }

    /** The number of iterations up to that of an update; if nothing is known of them, that of the updates. */
    private int iterations(double step) {
        if (steps.length == 0) {
            return (int) step;
        }
        int place = Arrays.binarySearch(steps, step + 0.5);
        return Math.max(1, -place - 1);
    }

    private String chart(String title, List<Chart.Line> lines, boolean fromZero) {
        return new Chart(
                        title,
                        Chart.Axis.counted("iteration"),
                        title.toLowerCase(Locale.ROOT),
                        Chart.Marks.epochs(ends),
                        lines,
                        fromZero)
                .svg();
    }

    private static float[] floats(double... numbers) {
        float[] floats = new float[numbers.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) numbers[i];
        }
        return floats;
    }

    private static float[] means(float[] all, int window) {
        float[] means = new float[all.length];
        double sum = 0;
        for (int i = 0; i < all.length; i++) {
            sum += all[i] - (i >= window ? all[i - window] : 0);
            means[i] = (float) (sum / Math.min(i + 1, window));
        }
        return means;
    }
}
