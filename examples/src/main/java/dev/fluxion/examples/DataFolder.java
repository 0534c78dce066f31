package dev.fluxion.examples;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says where data sets are. */
final class DataFolder {
    @Nullable
    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "${sys:fluxion.data}",
            description = "where data sets are; also -Dfluxion.data=DIR")
    private Path folder;

    /** The folder, if that was said. */
    @Nullable
    Path folder() {
        return folder;
    }
}
