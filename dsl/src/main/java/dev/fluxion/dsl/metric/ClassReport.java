package dev.fluxion.dsl.metric;

import dev.fluxion.dsl.metric.ClassMetric.Ratio;
import java.util.Locale;
import java.util.stream.IntStream;

/** The usual numbers of a confusion matrix. */
final class ClassReport {
    private static final Ratio[] RATIOS = {Ratio.PRECISION, Ratio.RECALL, Ratio.F1};

    private final ConfusionMatrix matrix;

    ClassReport(ConfusionMatrix matrix) {
        this.matrix = matrix;
    }

    double accuracy() {
        long right = IntStream.range(0, matrix.classes())
                .mapToLong(c -> matrix.count(c, c))
                .sum();
        return (double) right / total();
    }

    private long total() {
        return IntStream.range(0, matrix.classes()).mapToLong(this::targets).sum();
    }

    private long targets(int c) {
        return IntStream.range(0, matrix.classes())
                .mapToLong(other -> matrix.count(c, other))
                .sum();
    }

    private long predictions(int c) {
        return IntStream.range(0, matrix.classes())
                .mapToLong(other -> matrix.count(other, c))
                .sum();
    }

    private double ratio(Ratio ratio, int c) {
        return ratio.of((double) matrix.count(c, c), (double) predictions(c), (double) targets(c));
    }

    String text() {
        TextTable table = new TextTable();
        table.row("", "precision", "recall", "f1", "targets");
        for (int c = 0; c < matrix.classes(); c++) {
            int own = c;
            table.row(row(matrix.name(c), ratio -> ratio(ratio, own), targets(c)));
        }
        table.row("accuracy", "", "", number(accuracy()), Long.toString(total()));
        for (Average average : new Average[] {Average.MACRO, Average.WEIGHTED}) {
            table.row(row(
                    average.name().toLowerCase(Locale.ROOT) + " average",
                    ratio -> Averages.of(average, matrix.classes(), c -> ratio(ratio, c), this::targets),
                    total()));
        }
        return table.toString();
    }

    private interface Values {
        double of(Ratio ratio);
    }

    private static String[] row(String name, Values values, long targets) {
        return new String[] {
            name,
            number(values.of(RATIOS[0])),
            number(values.of(RATIOS[1])),
            number(values.of(RATIOS[2])),
            Long.toString(targets)
        };
    }

    /** A value with four decimals, or a dash where there is none. */
    private static String number(double x) {
        return Double.isNaN(x) ? "–" : String.format(Locale.ROOT, "%.4f", x);
    }
}
