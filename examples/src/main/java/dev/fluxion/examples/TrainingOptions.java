package dev.fluxion.examples;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of all trainings. */
final class TrainingOptions {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this and exit")
    boolean help;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "how often to go through the samples (${DEFAULT-VALUE})")
    private int epochs;

    @Option(names = "--batch", paramLabel = "N", description = "samples in a batch (${DEFAULT-VALUE})")
    private int batch;

    @Option(names = "--lr", paramLabel = "RATE", description = "learning rate (${DEFAULT-VALUE})")
    private double learningRate;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "native threads, by default one per processor (${DEFAULT-VALUE})")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "what first weights and the order of samples depend on (${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--out", paramLabel = "DIR", description = "where the results are written (${DEFAULT-VALUE})")
    Path out;

    @Option(names = "--stacktrace", description = "on an error, show where in the program it arose")
    boolean stacktrace;

    TrainingOptions(String name, int epochs, double learningRate) {
        this(name, epochs, learningRate, 64);
    }

    TrainingOptions(String name, int epochs, double learningRate, int batch) {
        this.out = Path.of("target", name);
        this.epochs = epochs;
        this.learningRate = learningRate;
        this.batch = batch;
    }

    /** The folder for results, created if it is missing. */
    Path folder() throws IOException {
        if (!Files.isDirectory(out)) {
            try {
                Files.createDirectories(out);
            } catch (FileSystemException e) {
                IOException told =
                        new FileSystemException(out.toString(), null, "the folder for results cannot be made");
                told.initCause(e);
                throw told;
            }
        }
        return out;
    }

    /** How often to go through the samples. */
    int epochs() {
        return epochs;
    }

    /** The number of samples in a batch. */
    int batch() {
        return batch;
    }

    /** The learning rate. */
    double learningRate() {
        return learningRate;
    }

    /** The number of native threads. */
    int threads() {
        return threads;
    }

    /** What first weights and the order of samples depend on. */
    long seed() {
        return seed;
    }
}
