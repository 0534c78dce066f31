package dev.fluxion.dsl.train;

import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.io.SafeTensors;
import dev.fluxion.io.WholeFile;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a {@link Trainer} keeps checkpoints, when it writes them and which of them it keeps: {@code
 * Checkpoints.in(folder).every(1000).keep(3).best(Best.highest("accuracy")).resume()}. The files are called by their number
 * of steps, as {@code step-000001000.safetensors}, and {@code best.safetensors}.
 *
 * @param folder the folder, which is made if there is none; each training needs its own
 * @param every the number of steps from one checkpoint to the next, 0 for none but after each epoch, which there is always
 * @param keep how many of the last ones are kept
 * @param best which evaluation is kept in {@code best.safetensors}, or null
 * @param resumes whether a training continues from the last checkpoint in the folder, if there is one
 */
public record Checkpoints(
        Path folder, int every, int keep, @Nullable Best best, boolean resumes) {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    private static final String CHECKPOINTS = "checkpoints";
    private static final Pattern NAME = Pattern.compile("step-\\d{9,18}\\.safetensors");
    private static final String BEST = "best.safetensors";

    /** Checks the folder and the numbers. */
    public Checkpoints {
        Given.require(CHECKPOINTS, "the folder", folder);
        Numbers.requireAtLeast(CHECKPOINTS, "every", 0, every);
        Numbers.requireAtLeast(CHECKPOINTS, "keep", 1, keep);
    }

    /** Checkpoints after each epoch, of which the last two are kept. */
    public static Checkpoints in(Path folder) {
        return new Checkpoints(folder, 0, 2, null, false);
    }

    /** These, with one after every so many steps, too. */
    public Checkpoints every(int steps) {
        return new Checkpoints(folder, steps, keep, best, resumes);
    }

    /** These, keeping so many of the last ones. */
    public Checkpoints keep(int count) {
        return new Checkpoints(folder, every, count, best, resumes);
    }

    /** These, keeping that of the best evaluation, too. */
    public Checkpoints best(Best evaluation) {
        return new Checkpoints(folder, every, keep, Given.require(CHECKPOINTS, "which is best", evaluation), resumes);
    }

    /** These, and a training continues from the last one if there is one. */
    public Checkpoints resume() {
        return new Checkpoints(folder, every, keep, best, true);
    }

    /**
     * The last checkpoint in the folder, if there is one; one that is damaged is passed over, which the log tells.
     *
     * @throws IOException if the folder cannot be read, or there are checkpoints and none can be read
     */
    public Optional<Checkpoint> last() throws IOException {
        List<Path> files = files();
        for (int i = files.size() - 1; i >= 0; i--) {
            try {
                return Optional.of(Checkpoint.load(files.get(i)));
            } catch (IOException e) {
                if (i == 0) {
                    throw e;
                }
                LOG.warn(FileErrors.passedOver(e));
            }
        }
        return Optional.empty();
    }

    /** Makes the folder, and refuses one that has checkpoints of another training. */
    void begin() throws IOException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new IllegalArgumentException(FileErrors.noFolder(folder));
        }
        WholeFile.makeFolder(folder);
        SafeTensors.removeForsaken(folder);
        if (!resumes && !files().isEmpty()) {
            throw new IllegalArgumentException(FileErrors.otherCheckpoints(folder));
        }
    }

    /** Whether a checkpoint is due after so many steps. */
    boolean due(long steps) {
        return every > 0 && steps % every == 0;
    }

    /** Writes a checkpoint, and then removes older ones that are not kept. Later ones are damaged: they do not count. */
    void write(Checkpoint checkpoint) throws IOException {
        long steps = checkpoint.state().steps();
        Path last = folder.resolve(String.format(Locale.ROOT, "step-%09d.safetensors", steps));
        checkpoint.save(last);
        List<Path> files = files();
        for (Path old : files.subList(0, Math.max(0, files.indexOf(last) + 1 - keep))) {
            Files.deleteIfExists(old);
        }
    }

    /** Writes the checkpoint of an evaluation as the best one, if it is. */
    void writeIfBest(Checkpoint checkpoint) throws IOException {
        int last = checkpoint.reports().size() - 1;
        if (best != null && last >= 0 && best.of(checkpoint.reports()) == last) {
            checkpoint.save(folder.resolve(BEST));
        }
    }

    /** The checkpoints in the order of their steps. */
    private List<Path> files() throws IOException {
        if (Files.notExists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file ->
                            NAME.matcher(String.valueOf(file.getFileName())).matches())
                    .sorted(Comparator.comparing((Path file) ->
                                    String.valueOf(file.getFileName()).length())
                            .thenComparing(Comparator.naturalOrder()))
                    .toList();
        }
    }
}
