package dev.fluxion.examples.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** Results as Markdown. */
final class Report {
    static final String BEGIN = "<!-- benchmarks: generated, see examples/benchmarks -->";
    static final String END = "<!-- /benchmarks -->";

    /** In the kilobytes in which memory is measured. */
    private static final int MEGABYTE = 1024;
    /** In microseconds. */
    private static final int MILLISECOND = 1000;

    /** Marks ratios of rows that were disturbed, although they were measured again. */
    private static final String DISTURBED = "†";

    private final Results results;
    private final StringBuilder out = new StringBuilder();

    private Report(Results results) {
        this.results = results;
    }

    /** The section of examples/benchmarks/README.md. */
    static String markdown(Results results) {
        return new Report(results).write();
    }

    /**
     * Puts the section between the markers of a file.
     *
     * @throws IOException if the file cannot be read or written or has no markers
     */
    static void insert(Results results, Path file) throws IOException {
        requireMarkers(file);
        String text = Files.readString(file);
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        String section = "\n" + markdown(results) + "\n";
        Files.writeString(file, text.substring(0, begin) + section + text.substring(text.indexOf(END, begin)));
    }

    /**
     * Checks that {@link #insert} will find where to put the section.
     *
     * @throws IOException if the file cannot be read or has no markers
     */
    static void requireMarkers(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(Errors.noFile(file));
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8); // of any file, a picture too
        int begin = text.indexOf(BEGIN);
        if (begin < 0 || text.indexOf(END, begin) < 0) {
            throw new IOException(Errors.noMarkers(file, BEGIN, END));
        }
    }

    /** What is going to be measured, how long it takes, and a warning if the machine is busy. */
    static String announcement(Plan plan, Machine machine) {
        Results.Setting setting = plan.setting();
        String text = String.format(
                Locale.ROOT,
                "%d rows, %d libraries, %d turns of %s s each and one that does not count: about %s on a quiet machine.",
                plan.rows(),
                plan.peers().size(),
                setting.rounds(),
                setting.seconds(),
                Progress.duration(plan.seconds()));
        return machine.quiet() ? text : text + System.lineSeparator() + busy(machine);
    }

    private static String busy(Machine machine) {
        return String.format(
                Locale.ROOT,
                "Other work kept %.1f of %d processors busy as this began: these times say little.",
                machine.busy(),
                machine.processors());
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

    /** The row of memory as a line of text. */
    static String memory(Map<String, Long> kilobytes) {
        return console(Plan.MEMORY, peaks(kilobytes), MEGABYTE);
    }

    /** The row of first predictions as a line of text. */
    static String startUp(Map<String, Samples> micros) {
        return console(Plan.START_UP, micros, MILLISECOND);
    }

    private static String console(String row, Map<String, Samples> values, int unit) {
        StringJoiner line = new StringJoiner("  ");
        line.add(String.format(Locale.ROOT, "%-18s 1 thread ", row));
        values.forEach((name, samples) -> line.add(name + " " + whole(samples, unit)));
        return line.toString();
    }

    private static Map<String, Samples> peaks(Map<String, Long> kilobytes) {
        Map<String, Samples> peaks = new LinkedHashMap<>();
        kilobytes.forEach((name, peak) -> peaks.put(name, Samples.of(peak)));
        return peaks;
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
        line(
                "Ratio: the best of the other libraries, PyTorch in its better layout, by Fluxion; above 1, Fluxion is faster.");
        line("Rate: what plain convolutions and products multiply and add, by Fluxion's time, in GFLOP/s.");
        line("A step starts from a batch that lies ready as the library's own tensor and ends with its output as one,");
        line("or, in training (cross entropy, plain SGD), with the loss as a number. Before anything is timed, all");
        line("libraries must agree on the logits, or on the losses of three steps, within 1e-4; on losses, within four times");
        line("what PyTorch's two layouts differ by where that is more: steps multiply what rounding made of the weights.");
        if (!machine.quiet()) {
            line("");
            line("**%s**", busy(machine));
        }
        goals();
        results.rows().stream().map(Results.Row::threads).distinct().forEach(this::table);
        processes();
        return out.toString();
    }

    private void table(int threads) {
        List<Results.Row> rows =
                results.rows().stream().filter(row -> row.threads() == threads).toList();
        Set<String> names = new LinkedHashSet<>();
        rows.forEach(row -> names.addAll(row.entries().keySet()));
        line("");
        line("**%d thread%s.**%s", threads, threads == 1 ? "" : "s", summary(rows));
        line("");
        line("| Net | Step | Batch | %s | Ratio | Rate |", String.join(" | ", names));
        line("|---|---|--:|%s--:|--:|", "--:|".repeat(names.size()));
        List<String> notes = new ArrayList<>();
        for (Results.Row row : rows) {
            Cell cell = row.cell();
            StringJoiner times = new StringJoiner(" | ");
            for (String name : names) {
                Results.Entry entry = row.entries().getOrDefault(name, new Results.Entry(List.of(), ""));
                times.add(time(entry));
            }
            notes.addAll(row.failures());
            String net = Net.named(cell.net()).title();
            line(
                    "| %s | %s | %d | %s | %s | %s |",
                    net, cell.mode().text(), cell.batch(), times, ratio(row), rate(row));
        }
        if (rows.stream().anyMatch(Results.Row::disturbed)) {
            notes.add(DISTURBED + ": turns lie far apart, also when measured again; other work disturbed them");
        }
        notes(notes);
    }

    private void notes(List<String> notes) {
        if (!notes.isEmpty()) {
            line("");
            notes.forEach(note -> line("- %s", note));
        }
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
                " Fluxion is ahead in %d of %d rows; the geometric mean of the ratios is %.2f.",
                ahead,
                compared.size(),
                mean);
    }

    private void goals() {
        line("");
        line(
                "**The goals.** Each speaks of fixed rows, with 1 and 2 threads, and is met only if all of them reach it.");
        line(
                "The others' time (or memory) by Fluxion's, unless a unit is given. That a step allocates nothing, in the");
        line("plan's memory and by JNI calls, is not measured here.");
        line("");
        line("| Goal | Wanted | Met | Measured | Furthest from it |");
        line("|---|---|---|---|---|");
        List<Goal> goals = Goals.of(results);
        for (Goal goal : goals) {
            String range = goal.worst()
                    .flatMap(worst -> goal.best().map(best -> range(worst.value(), best.value(), goal.bound())))
                    .orElse("–");
            String furthest = goal.outcomes().size() == 1
                    ? "–"
                    : goal.worst().map(Goal.Outcome::where).orElse("–");
            line("| %s | %s | %s | %s | %s |", goal.work(), goal.bound(), goal.met(), range, furthest);
        }
        missed(goals);
    }

    private void missed(List<Goal> goals) {
        if (goals.stream().allMatch(goal -> goal.missed().isEmpty())) {
            return;
        }
        line("");
        line("**What the missed goals ask for**, as the rate at which Fluxion would have to compute the same sums.");
        line("");
        line("| Goal | Wanted | Row | Measured | Rate | Rate wanted |");
        line("|---|---|---|--:|--:|--:|");
        for (Goal goal : goals) {
            for (Goal.Outcome missed : goal.missed()) {
                line(
                        "| %s | %s | %s | %s | %s | %s |",
                        goal.work(),
                        goal.bound(),
                        missed.where(),
                        number(missed.value()),
                        number(missed.rate()),
                        number(goal.asked(missed)));
            }
        }
    }

    private static String range(double worst, double best, Goal.Bound bound) {
        String first = number(worst);
        String last = number(best);
        return (first.equals(last) ? first : first + " to " + last) + bound.unit();
    }

    /** What is measured of whole processes. */
    private void processes() {
        List<String> names = Arrays.stream(Peer.values())
                .map(Peer::title)
                .filter(name ->
                        results.memory().containsKey(name) || results.startUp().containsKey(name))
                .toList();
        if (!names.isEmpty()) {
            line("");
            line("**Processes of their own**, CIFAR tutorial net, 1 thread.");
            line("");
            line("| What | %s | Ratio |", String.join(" | ", names));
            line("|---|%s--:|", "--:|".repeat(names.size()));
            process("Peak resident memory, training, batch 256, MB", names, peaks(results.memory()), MEGABYTE);
            process("JVM start to first prediction, batch 1, ms", names, results.startUp(), MILLISECOND);
        }
        notes(results.failures());
    }

    private void process(String what, List<String> names, Map<String, Samples> values, int unit) {
        if (values.isEmpty()) {
            return;
        }
        StringJoiner cells = new StringJoiner(" | ");
        names.forEach(name -> cells.add(values.containsKey(name) ? whole(values.get(name), unit) : "–"));
        double best = values.entrySet().stream()
                .filter(e -> !e.getKey().equals(Peer.FLUXION.title()))
                .mapToDouble(e -> e.getValue().median())
                .min()
                .orElse(Double.NaN);
        Samples own = values.get(Peer.FLUXION.title());
        double ratio = own == null ? Double.NaN : best / own.median();
        line("| %s | %s | %s |", what, cells, Double.isNaN(ratio) ? "–" : String.format(Locale.ROOT, "%.2f", ratio));
    }

    private static String whole(Samples samples, int unit) {
        String median = String.format(Locale.ROOT, "%.0f", samples.median() / unit);
        return samples.count() == 1 ? median : median + spread(samples);
    }

    private static String spread(Samples samples) {
        return String.format(Locale.ROOT, " ±%.0f%%", 100 * samples.spread());
    }

    private static String time(Results.Entry entry) {
        if (!entry.measured()) {
            return entry.timedOut() ? Errors.TIMED_OUT : "–";
        }
        Samples summary = entry.summary();
        String millis = number(summary.median() / 1e3);
        return summary.count() == 1 ? millis : millis + spread(summary);
    }

    private static String ratio(Results.Row row) {
        return row.ratio() == 0
                ? "–"
                : String.format(Locale.ROOT, "%.2f%s", row.ratio(), row.disturbed() ? DISTURBED : "");
    }

    private static String rate(Results.Row row) {
        return row.fluxion()
                .map(own -> number(Work.rate(row.cell(), own.median())))
                .orElse("–");
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
