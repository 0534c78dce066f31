package dev.fluxion.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;

/** Results as Markdown. */
final class Report {
    static final String BEGIN = "<!-- benchmarks: generated, see examples/benchmarks -->";
    static final String END = "<!-- /benchmarks -->";

    private final Results results;
    private final StringBuilder out = new StringBuilder();

    private Report(Results results) {
        this.results = results;
    }

    /** The section of a README. */
    static String markdown(Results results) {
        return new Report(results).write();
    }

    /**
     * Puts the section between the markers of a file.
     *
     * @throws IOException if the file cannot be read or written or has no markers
     */
    static void insert(Results results, Path file) throws IOException {
        String text = Files.readString(file);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException(Errors.noMarkers(file, BEGIN, END));
        }
        String section = "\n" + markdown(results) + "\n";
        Files.writeString(file, text.substring(0, begin + BEGIN.length()) + section + text.substring(end));
    }

    /** A row as a line of text. */
    static String console(Results.Row row) {
        StringJoiner line = new StringJoiner("  ");
        line.add(String.format(
                Locale.ROOT, "%-18s %d thread%s", row.cell(), row.threads(), row.threads() == 1 ? " " : "s"));
        if (!row.error().isEmpty()) {
            return line.add("ERROR: " + row.error()).toString();
        }
        row.entries().forEach((name, entry) -> line.add(name + " " + time(entry)));
        return line.add("ratio " + ratio(row)).toString();
    }

    private String write() {
        Machine machine = results.machine();
        line(
                "%s, %d processors (%s), %s, %s, %s.",
                machine.processor(),
                machine.processors(),
                machine.vector(),
                machine.system(),
                machine.java(),
                machine.date());
        line(
                "Milliseconds per step: the median over %d turns of %s s of the medians, ± the interquartile range.",
                results.setting().rounds(), results.setting().seconds());
        line("Ratio: the best of the other libraries by Fluxion; above 1, Fluxion is faster.");
        line("A step starts from a batch that lies ready as the library's own tensor and ends with its output as one,");
        line("or, in training (cross entropy, plain SGD), with the loss as a number. Before anything is timed, all");
        line("libraries must agree on the logits, or on the losses of three steps, within 1e-4.");
        results.rows().stream().map(Results.Row::threads).distinct().forEach(this::table);
        memory();
        startUp();
        return out.toString();
    }

    private void table(int threads) {
        List<Results.Row> rows =
                results.rows().stream().filter(row -> row.threads() == threads).toList();
        Set<String> names = new LinkedHashSet<>();
        rows.forEach(row -> names.addAll(row.entries().keySet()));
        line("");
        line("**%d thread%s.** %s", threads, threads == 1 ? "" : "s", summary(rows));
        line("");
        line("| Net | Step | Batch | %s | Ratio |", String.join(" | ", names));
        line("|---|---|--:|%s--:|", String.join("", Collections.nCopies(names.size(), "--:|")));
        List<String> notes = new ArrayList<>();
        for (Results.Row row : rows) {
            Cell cell = row.cell();
            StringJoiner times = new StringJoiner(" | ");
            for (String name : names) {
                Results.Entry entry = row.entries().getOrDefault(name, new Results.Entry(List.of(), ""));
                times.add(time(entry));
                if (!entry.error().isEmpty() && !expected(cell, name)) {
                    notes.add(cell + ": " + name + ": " + entry.error());
                }
            }
            if (!row.error().isEmpty()) {
                notes.add(cell + ": " + row.error());
            }
            String net = Net.named(cell.net()).title();
            line("| %s | %s | %d | %s | %s |", net, cell.mode().text(), cell.batch(), times, ratio(row));
        }
        if (!notes.isEmpty()) {
            line("");
            notes.forEach(note -> line("- %s", note));
        }
    }

    private static boolean expected(Cell cell, String name) {
        return name.equals(Yardstick.NAME) || name.equals(Peer.ONNXRUNTIME.title()) && cell.mode() == Cell.Mode.TRAIN;
    }

    private static String summary(List<Results.Row> rows) {
        List<Results.Row> compared =
                rows.stream().filter(row -> row.ratio() > 0).toList();
        if (compared.isEmpty()) {
            return "";
        }
        double mean = Math.exp(compared.stream()
                .mapToDouble(row -> Math.log(row.ratio()))
                .average()
                .orElse(0));
        long ahead = compared.stream().filter(row -> row.ratio() >= 1).count();
        return String.format(
                Locale.ROOT,
                "Fluxion is ahead in %d of %d rows; the geometric mean of the ratios is %.2f.",
                ahead,
                compared.size(),
                mean);
    }

    private void memory() {
        if (results.memory().isEmpty()) {
            return;
        }
        line("");
        line("Peak resident memory of a process that trains the CIFAR net with batches of 256:");
        line(
                "%s.",
                join(results.memory().entrySet().stream()
                        .map(e -> e.getKey() + " " + Math.round(e.getValue() / 1024.0) + " MB")
                        .toList()));
    }

    private void startUp() {
        if (results.startUp().isEmpty()) {
            return;
        }
        line("");
        line("From the start of the JVM to the first prediction of the CIFAR net for one image:");
        line(
                "%s.",
                join(results.startUp().entrySet().stream()
                        .map(e -> e.getKey() + " " + Math.round(e.getValue().median() / 1e3) + " ms")
                        .toList()));
    }

    private static String join(List<String> parts) {
        return String.join(", ", parts);
    }

    private static String time(Results.Entry entry) {
        if (!entry.measured()) {
            return "–";
        }
        Samples summary = entry.summary();
        String millis = number(summary.median() / 1e3);
        return summary.count() == entry.rounds().size()
                ? millis
                : String.format(Locale.ROOT, "%s ±%.0f%%", millis, 100 * summary.spread());
    }

    private static String ratio(Results.Row row) {
        return row.ratio() == 0 ? "–" : String.format(Locale.ROOT, "%.2f", row.ratio());
    }

    /** A number with three significant digits. */
    private static String number(double value) {
        int decimals = value <= 0 ? 0 : Math.max(0, 2 - (int) Math.floor(Math.log10(value)));
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    private void line(String format, Object... args) {
        out.append(String.format(Locale.ROOT, format, args)).append('\n');
    }
}
