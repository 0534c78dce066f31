package dev.fluxion.examples.cli;

import dev.fluxion.ir.Legible;
import dev.fluxion.reports.Run;
import dev.fluxion.reports.Runs;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows the runs that are on record. */
@Command(
        name = "runs",
        description = "Lists runs, or compares them.",
        subcommands = {RunsCommand.ListThem.class, RunsCommand.Compare.class},
        footer = {
            "",
            "Examples:",
            "  fluxion runs list",
            "  fluxion runs compare                             all in the folder runs",
            "  fluxion runs compare runs/conv-1 runs/mlp-1      what they have come to, and in what they differ"
        })
final class RunsCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected runs list or runs compare");
    }

    /** A line for each. */
    @Command(
            name = "list",
            description = "Lists runs, the first that began first.",
            footer = {"", "Example:", "  fluxion runs list --runs target/runs"})
    static final class ListThem implements Callable<Integer> {
        @Mixin
        private final ChosenRuns chosen = new ChosenRuns();

        @Override
        public Integer call() throws IOException {
            for (Run run : chosen.read()) {
                int epochs = run.finished().rows();
                List<String> values = new ArrayList<>(List.of(epochs + " epochs"));
                List<String> names = new ArrayList<>(List.of("loss"));
                names.addAll(run.metrics());
                if (run.epochs().rows() > 0) {
                    names.forEach(name -> values.add(String.format(
                            Locale.ROOT, "%s %.4g", name, run.epochs().last(name))));
                }
                System.out.println(Legible.whole(String.format(
                        "%-20s %-16s %-8s %s",
                        run.name(), began(run.started()), run.status(), String.join(", ", values))));
            }
            return 0;
        }

        private static String began(Instant when) {
            return when.equals(Instant.MIN)
                    ? ""
                    : DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT)
                            .withZone(ZoneId.systemDefault())
                            .format(when);
        }
    }

    /** Tables side by side. */
    @Command(
            name = "compare",
            description = "Shows what runs have come to, and in what their configurations differ.",
            footer = {"", "Example:", "  fluxion runs compare runs/conv-1 runs/conv-2"})
    static final class Compare implements Callable<Integer> {
        @Mixin
        private final ChosenRuns chosen = new ChosenRuns();

        @Override
        public Integer call() throws IOException {
            System.out.println(Runs.compare(chosen.read()));
            return 0;
        }
    }
}
