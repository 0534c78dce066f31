package dev.fluxion.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of all trainings. */
final class TrainingOptions {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this and exit")
    boolean help;

    @Option(names = "--epochs", paramLabel = "N", description = "how often to go through the images (${DEFAULT-VALUE})")
    int epochs;

    @Option(names = "--batch", paramLabel = "N", description = "images in a batch (${DEFAULT-VALUE})")
    int batch = 64;

    @Option(names = "--lr", paramLabel = "RATE", description = "learning rate (${DEFAULT-VALUE})")
    double learningRate;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "native threads, by default one per processor (${DEFAULT-VALUE})")
    int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "what first weights and the order of images depend on (${DEFAULT-VALUE})")
    long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "where weights and loss curve are written (${DEFAULT-VALUE})")
    Path out;

    @Option(names = "--stacktrace", description = "on an error, show where in the program it arose")
    boolean stacktrace;

    @Nullable
    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "${sys:fluxion.data}",
            description = "where data sets are; also -Dfluxion.data=DIR")
    Path data;

    TrainingOptions(String name, int epochs, double learningRate) {
        this.out = Path.of("target", name);
        this.epochs = epochs;
        this.learningRate = learningRate;
    }

    /** The folder for results, created if it is missing. */
    Path folder() throws IOException {
        if (!Files.isDirectory(out)) {
            Files.createDirectories(out);
        }
        return out;
    }
}
