package dev.fluxion.examples.cli;

import dev.fluxion.dsl.train.Checkpoints;
import dev.fluxion.dsl.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what a training is for: a new run, an old one that goes on, or a trial that leaves nothing. One of them at most. */
final class Purpose {
    @Nullable
    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "the name of the folder of the run; by default the net and a number")
    private String name;

    @Nullable
    @Option(
            names = "--resume",
            paramLabel = "RUN",
            description =
                    "go on with the run in this folder, which was stopped, from its last checkpoint, as if it had not been;"
                            + " say all else as before")
    private Path stopped;

    @Nullable
    @Option(
            names = "--overfit",
            paramLabel = "N",
            description = "try whether the net can learn the first N batches by heart; it leaves no run")
    private Integer overfit;

    @Nullable
    @Option(
            names = "--fast-dev-run",
            paramLabel = "N",
            description = "try whether all runs, with N batches; it leaves no run")
    private Integer rehearsal;

    boolean isTrial() {
        return overfit != null || rehearsal != null;
    }

    /** The folder of the run: that to go on with, the named one, which must be new, or the next one of the net. */
    Path folder(Path runs, String net) throws IOException {
        if (stopped != null) {
            if (!Files.isDirectory(stopped) || checkpoints(stopped).last().isEmpty()) {
                throw new IllegalArgumentException(
                        stopped + ": there is no checkpoint to go on from; train it anew, without --resume");
            }
            return stopped;
        }
        if (Files.exists(runs) && !Files.isDirectory(runs)) {
            throw new IllegalArgumentException(runs + " is no folder; choose another one with --runs");
        }
        if (name == null) {
            return IntStream.iterate(1, i -> i + 1)
                    .mapToObj(i -> runs.resolve(net + "-" + i))
                    .filter(folder -> !Files.exists(folder))
                    .findFirst()
                    .orElseThrow();
        }
        if (name.isBlank()
                || name.startsWith(".")
                || Path.of(name).getNameCount() != 1
                || Path.of(name).isAbsolute()) {
            throw new IllegalArgumentException("--name must be the name of a folder but is '" + name + "'");
        }
        Path folder = runs.resolve(name);
        if (Files.exists(folder)) {
            throw new IllegalArgumentException(folder + " is there already; choose another --name");
        }
        return folder;
    }

    /** A trainer for this in the folder of a run. */
    Trainer in(Path folder, Trainer trainer) {
        Checkpoints kept = checkpoints(folder);
        return trainer.checkpoints(stopped == null ? kept : kept.resume());
    }

    /** A trainer for a trial. */
    Trainer trial(Trainer trainer) {
        return overfit != null ? trainer.overfit(overfit) : rehearsal != null ? trainer.fastDevRun(rehearsal) : trainer;
    }

    private static Checkpoints checkpoints(Path folder) {
        return Checkpoints.in(folder.resolve("checkpoints")).keep(1);
    }
}
