package dev.fluxion.examples.cli;

import dev.fluxion.dsl.train.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Parameters;

/** The model that a command looks at: a net with first weights, or one from a file. */
final class Subject {
    @Parameters(
            paramLabel = "MODEL",
            completionCandidates = Recipes.Names.class,
            description =
                    "a net (linear, mlp, conv, resnet), a class on the class path, a file, or the folder of a run")
    private String name = "";

    /** Reads data when they are needed. */
    private interface Reading {
        TrainingData read() throws IOException;
    }

    /**
     * What a command works with.
     *
     * @param recipe how it is trained
     * @param reading reads the data that it is for
     * @param model the model, which whoever asks for it closes
     */
    record Opened(Recipe recipe, Reading reading, Model model) {
        /** The data. */
        TrainingData data() throws IOException {
            return reading.read();
        }
    }

    Opened open(Source source) throws IOException {
        if (ModelFiles.isFile(name) && !Recipes.isNet(name)) {
            return open(Path.of(name), source);
        }
        Recipe recipe = Recipes.of(name);
        TrainingData data = source.read(recipe, "");
        return new Opened(recipe, () -> data, Recipes.model(recipe, data));
    }

    /** The model of a file, with the data that it was trained on unless the user names others. */
    static Opened open(Path file, Source source) throws IOException {
        Model model = ModelFiles.open(file);
        Recipe recipe = recipe(model);
        return new Opened(recipe, () -> data(model, recipe, source), model);
    }

    /** The data that the model of a file was trained on, unless the user names others. */
    static TrainingData data(Model model, Source source) throws IOException {
        return data(model, recipe(model), source);
    }

    private static TrainingData data(Model model, Recipe recipe, Source source) throws IOException {
        TrainingData data = source.read(recipe, model.card().texts().getOrDefault(ModelFiles.DATA, ""), model);
        int known = model.card().classNames().size();
        if (known != 0 && known != data.classes().size()) {
            throw new IllegalArgumentException("the model knows " + known + " classes but the data have "
                    + data.classes().size() + " (" + data.name() + ")");
        }
        return data;
    }

    /** That of the file; one that tells of none has the loss and metrics of classes, and no data. */
    private static Recipe recipe(Model model) {
        String name = model.card().texts().get(ModelFiles.RECIPE);
        return name == null ? new Untold(model) : Recipes.of(name);
    }

    /** What is known of a file that no recipe made. */
    private record Untold(Model model) implements Recipe {
        @Override
        public Model model(TrainingData data) {
            return model;
        }

        @Override
        public Optional<TrainingData> data(@Nullable Path folder) {
            throw new IllegalArgumentException(
                    "the file does not tell which data the model is for; name them with --data-set");
        }
    }
}
