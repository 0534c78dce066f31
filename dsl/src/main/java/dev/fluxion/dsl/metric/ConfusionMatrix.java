package dev.fluxion.dsl.metric;

import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.internal.Chart;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * How many targets of each class were predicted to be of each: {@code ConfusionMatrix matrix =
 * ConfusionMatrix.of("cat", "dog"); model.tally(test, matrix); System.out.println(matrix);}. It is printed as a table,
 * drawn as SVG, and {@link #report} has the usual numbers.
 */
public final class ConfusionMatrix implements Tally {
    private static final String NAME = "confusionMatrix";

    private final List<String> names;
    private final boolean binary;
    private final double threshold;
    private final int ignored;
    private long[][] counts = {};

    private ConfusionMatrix(List<String> names, boolean binary, double threshold, int ignored) {
        this.names = names;
        this.binary = binary;
        this.threshold = threshold;
        this.ignored = ignored;
    }

    /**
     * An empty matrix of outputs N×C or N×C×… with a label for each position.
     *
     * @param names the names of the classes; none for their numbers
     */
    public static ConfusionMatrix of(String... names) {
        List<String> all = Checks.present(NAME, "name", Checks.list(names), name -> name);
        return new ConfusionMatrix(all, false, 0, -100);
    }

    /**
     * An empty matrix of a yes or no for each element, with targets of the outputs' shape, 1 or 0.
     *
     * @param threshold the number above which an output means yes: 0 for logits, 0.5 for probabilities
     */
    public static ConfusionMatrix binary(double threshold) {
        Numbers.requireFinite(NAME, "the threshold", threshold);
        return new ConfusionMatrix(List.of("no", "yes"), true, threshold, -100);
    }

    /** An empty matrix like this one with another target of positions that do not count, at first −100. */
    public ConfusionMatrix ignoreIndex(int target) {
        return new ConfusionMatrix(names, binary, threshold, target);
    }

    @Override
    public void add(Tensor output, Tensor target) {
        if (binary) {
            Bits bits = Bits.ofNumbers(NAME, output, target, ignored);
            requireClasses(2);
            for (int i = 0; i < bits.count(); i++) {
                if (bits.counts(i)) {
                    counts[bits.isYes(i) ? 1 : 0][bits.output(i) > threshold ? 1 : 0]++;
                }
            }
        } else {
            Positions positions = Positions.ofNumbers(NAME, output, target, ignored);
            requireClasses(positions.classes());
            for (int i = 0; i < positions.count(); i++) {
                if (positions.counts(i)) {
                    counts[positions.label(i)][positions.largest(i)]++;
                }
            }
        }
    }

    private void requireClasses(int classes) {
        if (!names.isEmpty() && names.size() != classes) {
            throw new IllegalArgumentException(Errors.names(NAME, names.size(), classes));
        }
        if (counts.length == 0) {
            counts = new long[classes][classes];
        } else if (counts.length != classes) {
            throw new IllegalArgumentException(Errors.otherClasses(NAME, counts.length, classes));
        }
    }

    @Override
    public void merge(Tally other) {
        ConfusionMatrix matrix = Inputs.same(NAME, ConfusionMatrix.class, other);
        boolean alike = matrix.names.equals(names)
                && matrix.binary == binary
                && matrix.threshold == threshold
                && matrix.ignored == ignored;
        if (!alike) {
            throw new IllegalArgumentException(Errors.otherTally(NAME));
        }
        if (matrix.counts.length > 0) {
            long[][] more = matrix.counts;
            requireClasses(more.length);
            for (int target = 0; target < more.length; target++) {
                for (int prediction = 0; prediction < more.length; prediction++) {
                    counts[target][prediction] += more[target][prediction];
                }
            }
        }
    }

    /** The accuracy. */
    @Override
    public double value() {
        return new ClassReport(this).accuracy();
    }

    /** The number of classes; 0 if they have no names and nothing was added. */
    public int classes() {
        return Math.max(counts.length, names.size());
    }

    /** The name of a class: its number, if it was given none. */
    public String name(int c) {
        return names.isEmpty() ? Integer.toString(c) : names.get(c);
    }

    /** How many targets of a class were predicted to be of a class, maybe the same. */
    public long count(int target, int prediction) {
        return counts.length == 0 ? 0 : counts[target][prediction];
    }

    /** Precision, recall, F1 and the number of targets of each class, the accuracy, and both averages, as a table. */
    public String report() {
        return new ClassReport(this).text();
    }

    /** The picture: a row for each class of targets, a column for each of predictions, dark where a row has its most. */
    public String svg() {
        return new ConfusionChart(this).svg();
    }

    /**
     * Writes the picture to a file.
     *
     * @throws IOException if the file cannot be written, as where its folder does not exist
     */
    public void save(Path file) throws IOException {
        Chart.write(Given.require("save", "the file", file), svg());
    }

    /** The counts as a table: a row for each class of targets, a column for each of predictions. */
    @Override
    public String toString() {
        TextTable table = new TextTable();
        String[] head = new String[classes() + 1];
        head[0] = "target \\ predicted";
        for (int c = 0; c < classes(); c++) {
            head[c + 1] = name(c);
        }
        table.row(head);
        for (int target = 0; target < classes(); target++) {
            String[] row = new String[classes() + 1];
            row[0] = name(target);
            for (int prediction = 0; prediction < classes(); prediction++) {
                row[prediction + 1] = Long.toString(count(target, prediction));
            }
            table.row(row);
        }
        return table.toString();
    }
}
