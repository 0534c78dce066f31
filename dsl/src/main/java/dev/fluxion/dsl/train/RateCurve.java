package dev.fluxion.dsl.train;

import dev.fluxion.dsl.internal.Chart;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** The losses that a {@link LearningRateFinder} found, over learning rates that grow by the same factor. */
public final class RateCurve {
    private final double from;
    private final double factor;
    private final double[] losses;
    private int count;

    RateCurve(double from, double to, int steps) {
        this.from = from;
        this.factor = Math.pow(to / from, 1.0 / (steps - 1));
        this.losses = new double[steps];
    }

    double rate(double step) {
        return from * Math.pow(factor, step);
    }

    void add(double loss) {
        losses[count++] = loss;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** The learning rates that were tried, before the loss went up for good. */
    public double[] rates() {
        double[] rates = new double[count];
        Arrays.setAll(rates, this::rate);
        return rates;
    }

    /** The loss at each of them. */
    public double[] losses() {
        return Arrays.copyOf(losses, count);
    }

    /**
     * The losses with those of near learning rates: means with normal weights, wide as a 25th of all. Losses of more than twice the
     * median count as that, so that what comes when learning fails leaves the others as they are.
     */
    public double[] smooth() {
        double[] smooth = new double[count];
        double[] sorted = losses();
        Arrays.sort(sorted);
        double most = count == 0 ? 0 : sorted[count / 2] + Math.abs(sorted[count / 2]);
        double width = losses.length / 25.0;
        for (int i = 0; i < count; i++) {
            double sum = 0;
            double weights = 0;
            for (int j = 0; j < count; j++) {
                double weight = Math.exp(-(i - j) * (i - j) / (2 * width * width));
                sum += weight * Math.min(losses[j], most);
                weights += weight;
            }
            smooth[i] = sum / weights;
        }
        return smooth;
    }

    /**
     * The learning rate at which the smooth losses fall fastest. It is empty if they never fall by more than chance: by twice the
     * standard deviation of the losses at the first quarter of the learning rates. More steps help then.
     */
    public OptionalDouble suggestion() {
        int best = steepest();
        return best < 0 ? OptionalDouble.empty() : OptionalDouble.of(rate(best));
    }

    private int steepest() {
        double[] smooth = smooth();
        int quarter = Math.max(1, count / 4);
        double mean = Arrays.stream(losses, 0, quarter).average().orElse(0);
        double variance = Arrays.stream(losses, 0, quarter)
                .map(loss -> (loss - mean) * (loss - mean))
                .average()
                .orElse(0);
        if (Arrays.stream(smooth).noneMatch(loss -> loss < mean - 2 * Math.sqrt(variance))) {
            return -1;
        }
        int best = -1;
        double fall = 0;
        for (int i = 1; i < count - 1; i++) {
            double slope = smooth[i + 1] - smooth[i - 1];
            if (slope < fall) {
                fall = slope;
                best = i;
            }
        }
        return best;
    }

    /** The picture: the loss over the learning rate, on a logarithmic scale, with the suggestion. */
    public String svg() {
        int best = steepest();
        Chart.Marks marks = new Chart.Marks(
                best < 0 ? new int[0] : new int[] {best + 1}, i -> String.format(Locale.ROOT, "%.2g", rate(best)));
        return new Chart(
                        "Loss by learning rate",
                        new Chart.Axis(
                                "learning rate",
                                step -> step < 1 ? "" : String.format(Locale.ROOT, "%.1g", rate(step - 1))),
                        "loss",
                        marks,
                        List.of(
                                Chart.Line.counted("loss", "#9ec5e8", 1, floats(losses())),
                                Chart.Line.counted("smooth", "#c0392b", 2.2, floats(smooth()))))
                .svg();
    }

    private static float[] floats(double... numbers) {
        float[] floats = new float[numbers.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) numbers[i];
        }
        return floats;
    }

    /**
     * Writes the picture to a file.
     *
     * @throws IOException if the file cannot be written, as where its folder does not exist
     */
    public void save(Path file) throws IOException {
        Chart.write(Given.require("save", "the file", file), svg());
    }

    /** In one line, as {@code 87 learning rates from 1e-07 to 0.9, the loss falls fastest at 0.02}. */
    @Override
    public String toString() {
        String range = String.format(
                Locale.ROOT, "%d learning rates from %.2g to %.2g", count, from, rate(Math.max(0, count - 1)));
        OptionalDouble best = suggestion();
        return range
                + (best.isEmpty()
                        ? ", the loss never falls by more than chance"
                        : String.format(Locale.ROOT, ", the loss falls fastest at %.2g", best.getAsDouble()));
    }
}
