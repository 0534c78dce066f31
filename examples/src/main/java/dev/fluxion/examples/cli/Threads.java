package dev.fluxion.examples.cli;

import dev.fluxion.dsl.train.Model;
import picocli.CommandLine.Option;

/** The option that says how many threads compute. */
final class Threads {
    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "native threads, by default one per processor (${DEFAULT-VALUE})")
    private int threads = Runtime.getRuntime().availableProcessors();

    Model of(Model model) {
        return model.threads(threads);
    }

    int count() {
        return threads;
    }
}
