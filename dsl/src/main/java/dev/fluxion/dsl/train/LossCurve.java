package dev.fluxion.dsl.train;

import dev.fluxion.dsl.internal.Chart;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Remembers the loss of every iteration and draws it: {@code LossCurve curve = new LossCurve();
 * trainer.listen(curve).fit(model, data); curve.save(Path.of("loss.svg"));}. The picture is an SVG file, which any
 * browser can show. {@code new LossCurve("validation.loss")} draws values of evaluations, too. The curve of a training that
 * goes on from a checkpoint begins at the iteration of the checkpoint.
 */
public final class LossCurve implements TrainingListener {
    private static final String[] COLOURS = {"#27ae60", "#8e44ad", "#e67e22", "#2c3e50"};

    private float[] losses = new float[1024];
    private int[] epochEnds = new int[16];
    private int count;
    private int epochs;
    private int iterationsBefore;
    private int epochsBefore;

    private final Map<String, List<Point>> values = new LinkedHashMap<>();

    /** A value of an evaluation after so many iterations. */
    private record Point(int count, float value) {}

    /**
     * An empty curve.
     *
     * @param values the names of values of evaluations that are drawn over the losses
     */
    public LossCurve(String... values) {
        Checks.present("LossCurve", "name", Checks.list(values), name -> name)
                .forEach(name -> this.values.put(name, new ArrayList<>()));
    }

    @Override
    public void iteration(Iteration iteration) {
        if (count == 0) {
            epochsBefore = iteration.epoch();
            iterationsBefore = iteration.epoch() * iteration.iterations() + iteration.iteration();
        }
        if (count == losses.length) {
            losses = Arrays.copyOf(losses, 2 * count);
        }
        losses[count++] = iteration.loss();
    }

    @Override
    public void epoch(Epoch epoch) {
        if (epochs == epochEnds.length) {
            epochEnds = Arrays.copyOf(epochEnds, 2 * epochs);
        }
        epochEnds[epochs++] = count;
        add(epoch);
    }

    @Override
    public void evaluated(Evaluated evaluated) {
        add(evaluated);
    }

    private void add(Report report) {
        values.forEach((name, points) -> {
            Double value = report.metrics().get(name);
            if (value == null) {
                throw new IllegalArgumentException(
                        Errors.noSuchValue(name, report.metrics().keySet()));
            }
            if (Float.isFinite(value.floatValue())) {
                points.add(new Point(count, value.floatValue()));
            }
        });
    }

    /** The losses so far, one an iteration, copied. */
    public float[] losses() {
        return Arrays.copyOf(losses, count);
    }

    /** The picture: the loss of each batch, its running mean, and where epochs end, over the number of the iteration. */
    public String svg() {
        return chart().svg();
    }

    private Chart chart() {
        float[] all = losses();
        int window = Math.max(1, count / 40);
        List<Chart.Line> lines = new ArrayList<>();
        lines.add(Chart.Line.counted("loss of each batch", "#9ec5e8", 1, all));
        lines.add(Chart.Line.counted("mean of the last " + window, "#c0392b", 2.2, runningMean(all, window)));
        values.forEach((name, points) -> lines.add(line(name, COLOURS[(lines.size() - 2) % COLOURS.length], points)));
        return new Chart(
                "Loss by iteration",
                Chart.Axis.counted("iteration"),
                "loss",
                Chart.Marks.epochsAfter(
                        epochsBefore,
                        IntStream.of(epochEnds)
                                .limit(epochs)
                                .map(end -> end + iterationsBefore)
                                .toArray()),
                lines.stream().map(line -> line.after(iterationsBefore)).toList());
    }

    private static Chart.Line line(String name, String colour, List<Point> points) {
        float[] heights = new float[points.size()];
        int[] at = new int[points.size()];
        for (int i = 0; i < at.length; i++) {
            heights[i] = points.get(i).value;
            at[i] = points.get(i).count;
        }
        return new Chart.Line(name, colour, 2.2, heights, at);
    }

    private static float[] runningMean(float[] losses, int window) {
        float[] means = new float[losses.length];
        double sum = 0;
        for (int i = 0; i < losses.length; i++) {
            sum += losses[i] - (i >= window ? losses[i - window] : 0);
            means[i] = (float) (sum / Math.min(i + 1, window));
        }
        return means;
    }

    /**
     * Writes the picture to a file.
     *
     * @throws IOException if the file cannot be written, as where its folder does not exist
     */
    public void save(Path file) throws IOException {
        Given.require("save", "the file", file);
        chart().save(file);
    }
}
