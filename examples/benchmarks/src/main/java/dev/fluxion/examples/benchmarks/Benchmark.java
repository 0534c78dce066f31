package dev.fluxion.examples.benchmarks;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Compares Fluxion with other libraries, and prints and stores what it finds. */
@Command(
        name = "fluxion-benchmarks",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Compares Fluxion with PyTorch (JavaCPP), ONNX Runtime and DJL: a process each, taking turns.")
public final class Benchmark implements Callable<Integer> {
    private static final double QUICK_SECONDS = 0.1;
    private static final int QUICK_ROUNDS = 2;
    private static final List<Peer> QUICK_PEERS = List.of(Peer.FLUXION, Peer.PYTORCH_LAST, Peer.ONNXRUNTIME);

    @Spec
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--rows",
            split = ",",
            description = "Which rows: net, net-batch, net-batch-mode or net-mode, as cifar-64-train; " + Plan.MEMORY
                    + "; " + Plan.START_UP + ". Default: all.")
    private List<String> rows = new ArrayList<>();

    @Option(names = "--threads", split = ",", description = "Numbers of threads. Default: 1,2.")
    private List<Integer> threads = List.of(1, 2);

    @Option(names = "--seconds", description = "Length of a turn. Default: ${DEFAULT-VALUE}.")
    private double seconds = 0.4;

    @Option(names = "--rounds", description = "Turns that count. Default: ${DEFAULT-VALUE}.")
    private int rounds = 5;

    @Option(
            names = "--timeout",
            description = "Seconds that a library may take to open a row, or beyond the length of a turn, before it is"
                    + " killed and the row goes on without it. Default: ${DEFAULT-VALUE}.")
    private double timeout = 180;

    @Option(
            names = "--peers",
            split = ",",
            description = "Of fluxion, pytorch, pytorch-cl, onnxruntime, djl. Default: all.")
    private List<String> peers =
            Arrays.stream(Peer.values()).map(Peer::toString).toList();

    @Option(
            names = "--quick",
            description = "A few minutes: --seconds " + QUICK_SECONDS + " --rounds " + QUICK_ROUNDS
                    + " --peers fluxion,pytorch-cl,onnxruntime, unless these are given, without rows of long steps.")
    private boolean quick;

    @Option(names = "--onednn", description = "A program that times bare oneDNN primitives; see Yardstick.")
    private @Nullable Path onednn;

    @Option(names = "--profile", description = "Print the steps of Fluxion's programs with their times.")
    private boolean profile;

    @Option(names = "--json", description = "Where results are stored. Default: ${DEFAULT-VALUE}.")
    private Path json = Path.of("examples", "benchmarks", "target", "benchmarks.json");

    @Option(
            names = "--readme",
            description = "A file with markers between which the report is put, as examples/benchmarks/README.md.")
    private @Nullable Path readme;

    @Option(names = "--from", description = "Report stored results instead of measuring.")
    private @Nullable Path from;

    private final List<Results.Row> measured = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private Map<String, Long> memory = new LinkedHashMap<>();
    private Map<String, Samples> startUp = new LinkedHashMap<>();

    /** Runs the comparison. */
    public static void main(String[] args) {
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
        System.exit(run(args));
    }

    /** The exit code: 0, 1 if something failed or libraries disagree, 2 if the arguments are wrong. Errors are a line. */
    static int run(String... args) {
        return new CommandLine(new Benchmark())
                .setParameterExceptionHandler((e, all) -> fail(e.getCommandLine(), e.getMessage(), 2))
                .setExecutionExceptionHandler((e, line, all) -> fail(line, e.getMessage(), 1))
                .execute(args);
    }

    private static int fail(CommandLine line, @Nullable String message, int code) {
        System.err.println(line.getCommandName() + ": " + message);
        return code;
    }

    @Override
    public Integer call() throws IOException {
        Path target = readme;
        if (target != null) {
            Report.requireMarkers(target); // before minutes are spent
        }
        Path stored = from;
        Results results = stored == null ? measure(plan()) : Results.read(stored);
        System.out.println();
        System.out.println(Report.markdown(results));
        if (target != null) {
            Report.insert(results, target);
        }
        boolean failed = !results.failures().isEmpty()
                || results.rows().stream().anyMatch(row -> !row.failures().isEmpty());
        return failed ? 1 : 0;
    }

    /** What the options ask for; they are all looked at before anything is measured. */
    private Plan plan() {
        require(Double.isFinite(seconds) && seconds > 0, Errors.notPositive("--seconds", seconds));
        require(Double.isFinite(timeout) && timeout > 0, Errors.notPositive("--timeout", timeout));
        require(rounds >= 1, Errors.tooSmall("--rounds", rounds, 1));
        threads.forEach(count -> require(count >= 1, Errors.tooSmall("--threads", count, 1)));
        Path program = onednn;
        if (program != null) {
            boolean runs = Files.isRegularFile(program) && Files.isExecutable(program);
            require(runs, "--onednn: " + Errors.notAProgram(program));
        }
        require(!Files.isDirectory(json), "--json: " + Errors.notWritable(json));
        try {
            List<Peer> libraries = quick("--peers")
                    ? QUICK_PEERS
                    : peers.stream().map(Peer::named).toList();
            Results.Setting setting = new Results.Setting(
                    quick("--rounds") ? QUICK_ROUNDS : rounds, quick("--seconds") ? QUICK_SECONDS : seconds, timeout);
            Plan plan = Plan.of(rows, threads, libraries, setting);
            return quick ? plan.quick() : plan;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /** Whether an option has its quick value. */
    private boolean quick(String option) {
        return quick && !command.commandLine().getParseResult().hasMatchedOption(option);
    }

    private void require(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(command.commandLine(), message);
        }
    }

    private Results measure(Plan plan) throws IOException {
        Machine machine = Machine.here(); // before this program makes it busy
        System.out.println(Report.announcement(plan, machine));
        Progress progress = new Progress(plan.rows(), plan.seconds(), System::nanoTime);
        Experiment experiment = new Experiment(plan.setting(), plan.peers());
        for (int count : plan.cells().isEmpty() ? List.<Integer>of() : plan.threads()) {
            experiment.rows(plan.cells(), count, starters(plan, count), this::print, row -> {
                measured.add(row);
                System.out.println(progress.finished(Report.console(row), plan.seconds(row.cell(), count)));
                store(plan, machine); // so that what is cut short is not lost
            });
        }
        if (plan.memory()) {
            memory = experiment.memory(failures::add);
            System.out.println(progress.finished(Report.memory(memory), plan.memorySeconds()));
            store(plan, machine);
        }
        if (plan.startUp()) {
            startUp = experiment.startUp(failures::add);
            System.out.println(progress.finished(Report.startUp(startUp), plan.startUpSeconds()));
            store(plan, machine);
        }
        return results(plan, machine);
    }

    private List<Experiment.Starter> starters(Plan plan, int count) {
        List<Experiment.Starter> starters = new ArrayList<>();
        plan.peers().forEach(peer -> starters.add(() -> new Child(peer, count, timeout)));
        Path program = onednn;
        if (program != null) {
            starters.add(() -> new Yardstick(program, count, timeout));
        }
        return starters;
    }

    private void print(String text) {
        if (profile && !text.isEmpty()) {
            System.out.println(text);
        }
    }

    private void store(Plan plan, Machine machine) {
        try {
            results(plan, machine).write(json);
        } catch (IOException e) {
            throw new UncheckedIOException(Errors.notWritable(json), e);
        }
    }

    private Results results(Plan plan, Machine machine) {
        return new Results(machine, plan.setting(), measured, memory, startUp, failures);
    }
}
