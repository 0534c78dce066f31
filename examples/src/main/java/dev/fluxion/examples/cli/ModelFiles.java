package dev.fluxion.examples.cli;

import dev.fluxion.dsl.train.Model;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of models, as {@code fluxion train} leaves them in the folder of a run. */
final class ModelFiles {
    /** The name of the file in the folder of a run. */
    static final String NAME = "model.fluxion";
    /** What a card calls the recipe. */
    static final String RECIPE = "recipe";
    /** What a card calls the data set. */
    static final String DATA = "data set";

    private ModelFiles() {}

    /** Whether a user who says this means a file or a folder. */
    static boolean isFile(String name) {
        return name.contains("/") || name.endsWith(".fluxion") || Files.exists(Path.of(name));
    }

    /** The model of a file, or of the folder of a run. */
    static Model open(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new FileNotFoundException(path + ": no such file, and no folder of a run");
        }
        Path file = Files.isDirectory(path) ? path.resolve(NAME) : path;
        if (!Files.exists(file)) {
            throw new FileNotFoundException(
                    path + ": the folder has no " + NAME + "; fluxion train makes such folders");
        }
        return Model.open(file);
    }
}
