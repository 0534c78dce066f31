package dev.fluxion.examples.cli;

import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which data. */
final class Source {
    private static final int NEW_SIDE = 32;

    @Nullable
    @Option(
            names = "--data-set",
            paramLabel = "NAME",
            converter = DataSets.Converter.class,
            completionCandidates = DataSets.Names.class,
            description = "${COMPLETION-CANDIDATES}; by default digits, which need no files")
    private DataSets set;

    @Nullable
    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "${sys:fluxion.data}",
            description = "the folder with the files of the data set, or with a folder of its name")
    private Path folder;

    @Option(names = "--fetch", description = "download the files of the data set, unless they are in ~/.cache/fluxion")
    private boolean fetch;

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "learn from the first N samples, test with N/5; 0 for all (${DEFAULT-VALUE})")
    private int samples;

    @Nullable
    @Option(
            names = "--side",
            paramLabel = "N",
            description =
                    "height and width of images from a folder; by default those that the model takes, for a new one 32")
    private Integer side;

    /** The data that the user names, else those of a name that {@link #name} has given, else the recipe's own, else digits. */
    TrainingData read(Recipe recipe, String told) throws IOException {
        return read(recipe, told, NEW_SIDE);
    }

    /** The same, with images of the size that a model takes. */
    TrainingData read(Recipe recipe, String told, Model model) throws IOException {
        Shape sample = model.signature().inputs().get(0).sample();
        return read(recipe, told, sample.rank() == 3 ? sample.dim(2) : NEW_SIDE);
    }

    private TrainingData read(Recipe recipe, String told, int usualSide) throws IOException {
        DataSets chosen = set != null || told.isEmpty() ? set : new DataSets.Converter().convert(told);
        Optional<TrainingData> own = chosen == null ? recipe.data(folder) : Optional.empty();
        return own.isPresent()
                ? own.get().take(samples)
                : Objects.requireNonNullElse(chosen, DataSets.DIGITS)
                        .read(folder, fetch, samples, Objects.requireNonNullElse(side, usualSide));
    }

    /** What the user names; empty for nothing. */
    String name() {
        return set == null ? "" : set.toString();
    }
}
