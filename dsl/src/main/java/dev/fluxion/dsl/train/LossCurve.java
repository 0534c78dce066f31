package dev.fluxion.dsl.train;

import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

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
        return new Chart(losses(), Arrays.copyOf(epochEnds, epochs)).svg();
    }

    /**
     * Writes the picture to a file.
     *
     * @throws IOException if the file cannot be written, as where its folder does not exist
     */
    public void save(Path file) throws IOException {
        Given.require("save", "the file", file);
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null && Files.notExists(folder)) {
            throw new NoSuchFileException(file.toString(), null, Errors.noFolder(folder));
        }
        Files.writeString(file, svg());
    }
}
