package dev.fluxion.examples.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares Fluxion with other libraries, and prints and stores what it finds. */
@Command(
        name = "fluxion-benchmarks",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Compares Fluxion with PyTorch (JavaCPP), ONNX Runtime and DJL: a process each, taking turns.")
public final class Benchmark implements Callable<Integer> {
    private static final String MEMORY = "memory";
    private static final String START_UP = "startup";

    @Option(
            names = "--rows",
            split = ",",
            description = "Which rows: net, net-batch, net-batch-mode or net-mode, as cifar-64-train; memory; startup. "
                    + "Default: all.")
    private List<String> rows = new ArrayList<>();

    @Option(names = "--threads", split = ",", description = "Numbers of threads. Default: 1,2.")
    private List<Integer> threads = List.of(1, 2);

    @Option(names = "--seconds", description = "Length of a turn. Default: ${DEFAULT-VALUE}.")
    private double seconds = 1;

    @Option(names = "--rounds", description = "Turns that count. Default: ${DEFAULT-VALUE}.")
    private int rounds = 5;

    @Option(
            names = "--peers",
            split = ",",
            description = "Of fluxion, pytorch, pytorch-cl, onnxruntime, djl. Default: all.")
    private List<String> peers =
            Arrays.stream(Peer.values()).map(Peer::toString).toList();

    @Option(names = "--onednn", description = "A program that times bare oneDNN primitives; see Yardstick.")
    private @Nullable Path onednn;

    @Option(names = "--profile", description = "Print the steps of Fluxion's programs with their times.")
    private boolean profile;

    @Option(names = "--json", description = "Where results are stored. Default: ${DEFAULT-VALUE}.")
    private Path json = Path.of("examples", "benchmarks", "target", "benchmarks.json");

    @Option(names = "--readme", description = "A file with markers between which the report is put.")
    private @Nullable Path readme;

    @Option(names = "--from", description = "Report stored results instead of measuring.")
    private @Nullable Path from;

    private final List<Results.Row> measured = new ArrayList<>();
    private Map<String, Long> memory = new LinkedHashMap<>();
    private Map<String, Samples> startUp = new LinkedHashMap<>();

    /** Runs the comparison. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Benchmark()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Path stored = from;
        Results results = stored == null ? measure() : Results.read(stored);
        System.out.println();
        System.out.println(Report.markdown(results));
        if (readme != null) {
            Report.insert(results, readme);
        }
        return results.rows().stream().allMatch(row -> row.error().isEmpty()) ? 0 : 1;
    }

    private Results measure() throws IOException {
        List<Peer> libraries = peers.stream().map(Peer::named).toList();
        Experiment experiment = new Experiment(setting(), libraries);
        List<Cell> cells = cells();
        for (int count : cells.isEmpty() ? List.<Integer>of() : threads) {
            experiment.rows(cells, count, starters(libraries, count), this::print, this::add);
        }
        if (wanted(MEMORY)) {
            memory = experiment.memory();
        }
        if (wanted(START_UP)) {
            startUp = experiment.startUp();
        }
        Results results = results();
        results.write(json);
        return results;
    }

    private List<Cell> cells() {
        List<String> patterns = rows.stream()
                .filter(row -> !row.equals(MEMORY) && !row.equals(START_UP))
                .toList();
        return patterns.isEmpty() && !rows.isEmpty() ? List.of() : Cell.matching(patterns);
    }

    private boolean wanted(String row) {
        return rows.isEmpty() || rows.contains(row);
    }

    private List<Experiment.Starter> starters(List<Peer> libraries, int count) {
        List<Experiment.Starter> starters = new ArrayList<>();
        libraries.forEach(peer -> starters.add(() -> new Child(peer, count)));
        Path program = onednn;
        if (program != null) {
            starters.add(() -> new Yardstick(program, count));
        }
        return starters;
    }

    private void print(String text) {
        if (profile && !text.isEmpty()) {
            System.out.println(text);
        }
    }

    private void add(Results.Row row) {
        measured.add(row);
        System.out.println(Report.console(row));
        try {
            results().write(json); // so that what is cut short is not lost
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Results.Setting setting() {
        return new Results.Setting(rounds, seconds);
    }

    private Results results() {
        return new Results(Machine.here(), setting(), measured, memory, startUp);
    }
}
