package dev.fluxion.examples.cli;

import dev.fluxion.reports.Comparison;
import dev.fluxion.reports.Run;
import dev.fluxion.reports.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws a value of runs. */
@Command(
        name = "plot",
        description = "Draws how a value went in some runs, after each epoch: in the terminal, and as a picture.",
        footer = {
            "",
            "Examples:",
            "  fluxion plot                                     the losses of all runs in the folder runs",
            "  fluxion plot runs/conv-1 runs/mlp-1 --value accuracy",
            "  fluxion plot runs/conv-1 --out target/loss.svg"
        })
final class Plot implements Callable<Integer> {
    @Mixin
    private final ChosenRuns chosen = new ChosenRuns();

    @Option(names = "--value", paramLabel = "NAME", description = "loss, or a metric (${DEFAULT-VALUE})")
    private String value = "loss";

    @Option(names = "--out", paramLabel = "SVG", description = "where the picture is written (${DEFAULT-VALUE})")
    private Path out = Path.of("plot.svg");

    @Override
    public Integer call() throws IOException {
        List<Run> runs = chosen.read();
        Comparison comparison = Runs.compare(runs);
        if (runs.stream().noneMatch(run -> run.epochs().columns().contains(value))) {
            List<String> names = comparison.columns();
            throw new IllegalArgumentException("no run has '" + value + "'; there are "
                    + String.join(", ", names.subList(names.indexOf("loss"), names.size())));
        }
        Files.writeString(out, comparison.svg(value));
        for (Run run : runs) {
            if (run.epochs().columns().contains(value)) {
                System.out.printf(
                        "%-16s %s%n", run.name(), new Sparkline(run.epochs().column(value)));
            }
        }
        System.out.println("picture  " + out);
        return 0;
    }
}
