package dev.fluxion.reports;

import dev.fluxion.io.Csv;
import dev.fluxion.ir.Given;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * A page that shows a run: {@code HtmlReport.of(Run.read(folder)).save(Path.of("report.html"))}. It is a single file that loads
 * nothing from elsewhere and runs no scripts, for light and dark screens and for paper. A {@link RunRecorder} writes one.
 */
public final class HtmlReport {
    private static final String STYLE = "report.css";
    private static final int MOST_ROWS = 500;

    private final Run run;
    private final StringBuilder out = new StringBuilder();

    private HtmlReport(Run run) {
        this.run = run;
    }

    /** The page of a run. */
    public static HtmlReport of(Run run) {
        return new HtmlReport(Given.require("of", "the run", run));
    }

    /**
     * Writes the page, in place of a file that there may be.
     *
     * @throws IOException if a file of the run cannot be read or the page cannot be written; the message names the file
     */
    public void save(Path file) throws IOException {
        Given.require("save", "the file", file);
        String page = html();
        try {
            Written.text(file, page);
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * The text of the page.
     *
     * @throws IOException if a file of the run cannot be read
     */
    public String html() throws IOException {
        try {
            return page();
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IOException(Errors.damaged(run.folder(), e), e);
        }
    }

    private String page() throws IOException {
        out.setLength(0);
        String title = Html.text(run.name());
        out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:;")
                .append(" style-src 'unsafe-inline'\">\n<title>")
                .append(title)
                .append("</title>\n<style>\n")
                .append(style())
                .append("</style>\n</head>\n<body>\n<main>\n");
        head(title);
        figures();
        curves();
        epochs();
        Confusion.section(rows(Run.CONFUSION)).ifPresent(section -> section("Confusion matrix", section));
        mistakes();
        facts("Configuration", configuration());
        facts("Environment", run.environment());
        text("Model", Run.SUMMARY, true);
        text("What a step computes", Run.EXPLAIN, false);
        out.append("<footer>Made by Fluxion.</footer>\n</main>\n</body>\n</html>\n");
        return out.toString();
    }

    private static String style() throws IOException {
        try (InputStream in = Objects.requireNonNull(HtmlReport.class.getResourceAsStream(STYLE), STYLE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void head(String title) {
        out.append("<h1>").append(title);
        if (!run.status().isEmpty()) {
            String status = Html.text(run.status());
            out.append("<span class=\"status ")
                    .append(status)
                    .append("\">")
                    .append(status)
                    .append("</span>");
        }
        out.append("</h1>\n<p>")
                .append(Html.text(run.facts().getOrDefault("outcome", "")))
                .append("</p>\n");
    }

    private void figures() {
        Map<String, String> figures = new LinkedHashMap<>();
        Table epochs = run.finished();
        figures.put("epochs", Integer.toString(epochs.rows()));
        figures.put("steps", number(run.steps().last("step"), "%.0f"));
        figures.put("training loss", number(epochs.last("loss"), "%.4g"));
        run.metrics().stream().limit(6).forEach(name -> figures.put(name, number(epochs.last(name), "%.4g")));
        figures.put("parameters", run.facts().getOrDefault("parameters", ""));
        figures.put("time", time());
        out.append("<div class=\"figures\">\n");
        figures.forEach((name, value) -> {
            if (!value.isEmpty()) {
                out.append("<div><b>").append(Html.text(value)).append("</b><span>");
                out.append(Html.text(name)).append("</span></div>\n");
            }
        });
        out.append("</div>\n");
    }

    /** From start to end, as in {@code 1 h 2 min 3 s}; empty while it runs. */
    private String time() {
        try {
            Duration all =
                    Duration.between(run.started(), Instant.parse(run.facts().getOrDefault("ended", "")));
            return all.toHours() > 0
                    ? all.toHours() + " h " + all.toMinutesPart() + " min"
                    : all.toMinutes() > 0
                            ? all.toMinutes() + " min " + all.toSecondsPart() + " s"
                            : String.format(Locale.ROOT, "%.1f s", all.toMillis() / 1e3);
        } catch (DateTimeException | ArithmeticException e) {
            return "";
        }
    }

    private static String number(double x, String format) {
        return Double.isNaN(x) ? "" : String.format(Locale.ROOT, format, x);
    }

    private void curves() {
        Curves curves = new Curves(run);
        if (curves.isEmpty()) {
            return;
        }
        StringBuilder charts = new StringBuilder("<div class=\"charts\">\n");
        chart(charts, " wide", curves.loss());
        chart(charts, "", curves.learningRate());
        run.metrics().stream()
                .filter(name -> !Curves.isLoss(name))
                .forEach(name -> chart(charts, "", curves.metric(name)));
        section("Curves", charts.append("</div>\n").toString());
    }

    private static void chart(StringBuilder charts, String kind, String svg) {
        charts.append("<div class=\"chart")
                .append(kind)
                .append("\">\n")
                .append(svg)
                .append("</div>\n");
    }

    private void epochs() {
        Table epochs = run.epochs();
        if (epochs.rows() == 0) {
            return;
        }
        List<double[]> columns = epochs.columns().stream().map(epochs::column).toList();
        StringBuilder table = new StringBuilder("<div class=\"box\"><table>\n<thead>");
        table.append(Html.row(
                        "th",
                        epochs.columns().stream()
                                .map(name -> name.replace('_', ' '))
                                .toList()))
                .append("</thead>\n<tbody>\n");
        for (int row = Math.max(0, epochs.rows() - MOST_ROWS); row < epochs.rows(); row++) {
            List<String> texts = new ArrayList<>();
            for (int column = 0; column < columns.size(); column++) {
                texts.add(number(columns.get(column)[row], column < 2 ? "%.0f" : "%.4g"));
            }
            table.append(Html.row("td", texts));
        }
        section("Evaluations", table.append("</tbody></table></div>\n").toString());
    }

    private void mistakes() throws IOException {
        List<List<String>> rows = rows(Run.MISTAKES);
        if (rows.size() < 2) {
            return;
        }
        StringBuilder all = new StringBuilder("<div class=\"mistakes\">\n");
        for (List<String> row : rows.subList(1, rows.size())) {
            all.append("<figure>");
            Path picture = run.folder().resolve(row.get(5));
            if (row.get(5).matches("mistakes/[0-9]+\\.png") && Files.isRegularFile(picture)) {
                all.append("<img alt=\"\" src=\"data:image/png;base64,")
                        .append(Base64.getEncoder().encodeToString(Files.readAllBytes(picture)))
                        .append("\">");
            }
            String percent = String.format(Locale.ROOT, "%.1f %%", 100 * Double.parseDouble(row.get(3)));
            all.append("<figcaption><b>")
                    .append(Html.text(row.get(1)))
                    .append("</b> taken for <b>")
                    .append(Html.text(row.get(2)))
                    .append("</b>, ")
                    .append(percent)
                    .append("<br><span>sample ")
                    .append(Html.text(row.get(0)))
                    .append("</span></figcaption></figure>\n");
        }
        section("Worst mistakes", all.append("</div>\n").toString());
    }

    /** The configuration, with what is known besides. */
    private Map<String, String> configuration() {
        Map<String, String> all = new LinkedHashMap<>(run.configuration());
        for (String name : List.of("started", "ended", "best epoch")) {
            if (run.facts().containsKey(name)) {
                all.put(name, run.facts().getOrDefault(name, ""));
            }
        }
        return all;
    }

    private void facts(String title, Map<String, String> facts) {
        if (!facts.isEmpty()) {
            StringBuilder table = new StringBuilder("<div class=\"box\"><table class=\"facts\"><tbody>\n");
            facts.forEach((name, text) -> table.append("<tr><th>")
                    .append(Html.text(name))
                    .append("</th><td>")
                    .append(Html.text(text))
                    .append("</td></tr>\n"));
            section(title, table.append("</tbody></table></div>\n").toString());
        }
    }

    private void text(String title, String file, boolean open) throws IOException {
        Path path = run.folder().resolve(file);
        if (Files.isRegularFile(path)) {
            out.append("<details")
                    .append(open ? " open" : "")
                    .append("><summary>")
                    .append(Html.text(title));
            out.append("</summary>\n<div class=\"box\"><pre>").append(Html.text(Files.readString(path)));
            out.append("</pre></div></details>\n");
        }
    }

    private void section(String title, String content) {
        out.append("<section>\n<h2>").append(Html.text(title)).append("</h2>\n");
        out.append(content).append("</section>\n");
    }

    private List<List<String>> rows(String file) throws IOException {
        Path path = run.folder().resolve(file);
        return Files.isRegularFile(path) ? Csv.rows(Files.readString(path)) : List.of();
    }
}
