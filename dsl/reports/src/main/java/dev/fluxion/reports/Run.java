package dev.fluxion.reports;

import dev.fluxion.io.Csv;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The record of a training that a {@link RunRecorder} keeps in a folder, as far as it has come: {@code
 * Run.read(Path.of("runs/first"))}.
 *
 * @param folder the folder
 * @param facts what is known of it, as texts by name, such as {@code started}, {@code status}, {@code configuration.optimizer}
 * @param epochs a row for each epoch and each evaluation within one, as {@link dev.fluxion.dsl.train.CsvLog#epochs} has them
 * @param steps a row for each iteration, as {@link dev.fluxion.dsl.train.CsvLog#steps} has them
 */
public record Run(Path folder, Map<String, String> facts, Table epochs, Table steps) {
    static final String FACTS = "run.csv";
    static final String EPOCHS = "epochs.csv";
    static final String STEPS = "steps.csv";
    static final String SUMMARY = "summary.txt";
    static final String EXPLAIN = "explain.txt";
    static final String CONFUSION = "confusion.csv";
    static final String MISTAKES = "mistakes.csv";
    static final String REPORT = "report.html";

    static final String CONFIGURATION = "configuration.";
    static final String ENVIRONMENT = "environment.";

    private static final String RUN = "Run";

    /** Checks nulls and copies the texts. */
    public Run {
        Given.require(RUN, "the folder", folder);
        Given.require(RUN, "the epochs", epochs);
        Given.require(RUN, "the steps", steps);
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(Given.require(RUN, "the facts", facts)));
    }

    /**
     * Reads a folder, also of a training that runs or was killed.
     *
     * @throws IOException if it cannot be read or is no folder of a run; the message names the file
     */
    public static Run read(Path folder) throws IOException {
        Path facts = Given.require("read", "the folder", folder).resolve(FACTS);
        if (!Files.isRegularFile(facts)) {
            throw new IOException(Errors.noRun(folder));
        }
        return new Run(
                folder,
                facts(facts),
                table(folder.resolve(EPOCHS), "epoch", "step", "learning_rate", "loss", "seconds"),
                table(folder.resolve(STEPS), "epoch", "iteration", "step", "learning_rate", "loss"));
    }

    /** When the training of a folder began; now if it has no run yet. */
    static String started(Path folder) throws IOException {
        Path facts = folder.resolve(FACTS);
        String now = Instant.now().toString();
        return Files.exists(facts) ? facts(facts).getOrDefault("started", now) : now;
    }

    private static Map<String, String> facts(Path file) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        List<List<String>> rows = Csv.rows(Files.readString(file));
        for (int i = 1; i < rows.size(); i++) {
            if (rows.get(i).size() != 2) {
                throw new IOException(Errors.notFacts(file, i + 1));
            }
            facts.put(rows.get(i).get(0), rows.get(i).get(1));
        }
        return facts;
    }

    private static Table table(Path file, String... columns) throws IOException {
        if (Files.notExists(file)) {
            return Table.empty();
        }
        Table table = Table.read(file);
        if (!table.columns().isEmpty() && !table.columns().containsAll(List.of(columns))) {
            throw new IOException(Errors.columns(file, List.of(columns), table.columns()));
        }
        return table;
    }

    /** The name of the folder. */
    public String name() {
        return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    }

    /** When the training began; the earliest time there is if that is not known. */
    public Instant started() {
        try {
            return Instant.parse(facts.getOrDefault("started", ""));
        } catch (DateTimeParseException e) {
            return Instant.MIN;
        }
    }

    /** {@code running}, {@code ended} or {@code failed}; a run that was killed is running for ever. */
    public String status() {
        return facts.getOrDefault("status", "");
    }

    /** What was trained how, by names such as {@code optimizer}. */
    public Map<String, String> configuration() {
        return part(CONFIGURATION);
    }

    /** Where it was trained, by names such as {@code java}. */
    public Map<String, String> environment() {
        return part(ENVIRONMENT);
    }

    private Map<String, String> part(String prefix) {
        return facts.entrySet().stream()
                .filter(fact -> fact.getKey().startsWith(prefix))
                .collect(Collectors.toMap(
                        fact -> fact.getKey().substring(prefix.length()),
                        Map.Entry::getValue,
                        (one, other) -> one,
                        LinkedHashMap::new));
    }

    /** The names of the values of evaluations. */
    public List<String> metrics() {
        return epochs.columns().stream().skip(5).toList();
    }

    /** How long its epochs took in seconds, without the evaluations after them. */
    public double seconds() {
        return epochs.rows() == 0
                ? 0
                : Arrays.stream(finished().column("seconds")).sum();
    }

    /** The rows of whole epochs, without those of evaluations within one. */
    public Table finished() {
        return epochs.rows() == 0 ? epochs : epochs.where("seconds");
    }
}
