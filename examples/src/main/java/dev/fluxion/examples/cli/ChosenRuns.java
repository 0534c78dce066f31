package dev.fluxion.examples.cli;

import dev.fluxion.reports.Run;
import dev.fluxion.reports.Runs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The runs that a user names, or all there are. */
final class ChosenRuns {
    @Parameters(
            paramLabel = "RUN",
            arity = "0..*",
            description = "folders of runs; by default all in the folder of --runs")
    private List<Path> named = List.of();

    @Option(names = "--runs", paramLabel = "DIR", description = "where the folders of runs are (${DEFAULT-VALUE})")
    private Path folder = Path.of("runs");

    /** Reads their records. */
    List<Run> read() throws IOException {
        List<Run> runs = new ArrayList<>();
        for (Path one : named) {
            runs.add(Run.read(one));
        }
        if (named.isEmpty()) {
            runs.addAll(Runs.in(folder));
        }
        if (runs.isEmpty()) {
            throw new IOException(folder + ": there are no runs here; fluxion train makes them");
        }
        return runs;
    }
}
