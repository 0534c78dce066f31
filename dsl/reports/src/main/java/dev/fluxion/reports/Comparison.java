package dev.fluxion.reports;

import dev.fluxion.dsl.internal.Chart;
import dev.fluxion.ir.Given;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Runs side by side.
 *
 * @param runs the runs
 */
public record Comparison(List<Run> runs) {
    private static final List<String> COLOURS =
            List.of("#c0392b", "#2b6cb0", "#27ae60", "#8e44ad", "#e67e22", "#16a085", "#7f8c8d", "#d6336c");

    /** Copies the list. */
    public Comparison {
        runs = List.copyOf(Given.require("compare", "the runs", runs));
    }

    /**
     * The names of what they have come to: {@code run}, {@code status}, {@code epochs}, {@code steps}, {@code seconds}, {@code loss}
     * and all metrics.
     */
    public List<String> columns() {
        Set<String> names = new LinkedHashSet<>(List.of("run", "status", "epochs", "steps", "seconds", "loss"));
        runs.forEach(run -> names.addAll(run.metrics()));
        return List.copyOf(names);
    }

    /** A text for each of the columns, for each run: the values after the last epoch, empty where there is none. */
    public List<List<String>> rows() {
        return runs.stream().map(this::row).toList();
    }

    private List<String> row(Run run) {
        Table epochs = run.finished();
        List<String> row = new ArrayList<>(List.of(
                run.name(),
                run.status(),
                Integer.toString(epochs.rows()),
                number(run.steps().rows() > 0 ? run.steps().last("step") : epochs.last("step"), "%.0f"),
                number(run.seconds(), "%.1f")));
        columns().stream().skip(row.size()).forEach(name -> row.add(number(epochs.last(name), "%.4g")));
        return row;
    }

    private static String number(double x, String format) {
        return Double.isNaN(x) ? "" : String.format(Locale.ROOT, format, x);
    }

    /** The names of configurations that are not the same in all runs, with the text of each run. */
    public Map<String, List<String>> differences() {
        Map<String, List<String>> all = new LinkedHashMap<>();
        runs.forEach(run -> run.configuration().keySet().forEach(name -> all.computeIfAbsent(name, this::texts)));
        all.values().removeIf(texts -> Set.copyOf(texts).size() == 1);
        return all;
    }

    private List<String> texts(String name) {
        return runs.stream()
                .map(run -> run.configuration().getOrDefault(name, ""))
                .toList();
    }

    /**
     * A picture of a value of the evaluations, a line for each run that has it, over the number of the update.
     *
     * @param column {@code loss} or the name of a metric
     */
    public String svg(String column) {
        Given.require("svg", "the column", column);
        List<Chart.Line> lines = new ArrayList<>();
        for (Run run : runs) {
            if (run.epochs().columns().contains(column)) {
                double[] steps = run.epochs().column("step");
                double[] values = run.epochs().column(column);
                float[] heights = new float[values.length];
                int[] at = new int[values.length];
                for (int i = 0; i < at.length; i++) {
                    heights[i] = (float) values[i];
                    at[i] = (int) steps[i];
                }
                String colour = COLOURS.get(lines.size() % COLOURS.size());
                lines.add(new Chart.Line(run.name(), colour, 2.2, heights, at));
            }
        }
        return new Chart(column, Chart.Axis.counted("step"), column, Chart.Marks.epochs(), lines, false).svg();
    }

    /** Two tables for a terminal: what they have come to, and what differs. */
    @Override
    public String toString() {
        List<List<String>> results = new ArrayList<>();
        results.add(columns());
        results.addAll(rows());
        StringBuilder out = new StringBuilder(TextTable.of(results));
        differences().forEach((name, texts) -> {
            out.append('\n').append(name).append('\n');
            List<List<String>> lines = new ArrayList<>();
            for (int i = 0; i < texts.size(); i++) {
                lines.add(List.of("  " + runs.get(i).name(), texts.get(i)));
            }
            out.append(TextTable.of(lines));
        });
        return out.toString();
    }
}
