package dev.fluxion.dsl.train;

import dev.fluxion.dsl.internal.Chart;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Remembers the loss of every iteration and draws it: {@code LossCurve curve = new LossCurve();
 * trainer.listen(curve).fit(model, data); curve.save(Path.of("loss.svg"));}. The picture is an SVG file, which any
 * browser can show.
 */
public final class LossCurve implements TrainingListener {
    private float[] losses = new float[1024];
    private int[] epochEnds = new int[16];
    private int count;
    private int epochs;

    /** An empty curve. */
    public LossCurve() {}

    @Override
    public void iteration(Iteration iteration) {
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
        List<Chart.Line> lines = List.of(
                new Chart.Line("loss of each batch", "#9ec5e8", 1, all),
                new Chart.Line("mean of the last " + window, "#c0392b", 2.2, runningMean(all, window)));
        return new Chart("Loss by iteration", "iteration", "loss", Arrays.copyOf(epochEnds, epochs), lines);
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
