package dev.fluxion.serving.http;

import dev.fluxion.serving.Answers;
import dev.fluxion.serving.Models;
import dev.fluxion.serving.Refusal;
import dev.fluxion.serving.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

/** Counts answers, and writes what Prometheus reads. */
final class Metrics {
    private static final String COUNTER = "counter";
    private static final String GAUGE = "gauge";
    private static final double NANOS = 1e-9;

    private final Models models;
    private final Answers<Integer> answers = new Answers<>();
    private final LongAdder connections = new LongAdder();

    Metrics(Models models) {
        this.models = models;
    }

    /** A request was answered after some time. */
    void answered(int status, long took) {
        answers.add(status, took);
    }

    void connected() {
        connections.increment();
    }

    void disconnected() {
        connections.decrement();
    }

    /** A version and what it has done. */
    private record Row(Models.Loaded loaded, Statistics done) {
        String labels() {
            return "model=\"" + escaped(loaded.name()) + "\",version=\"" + escaped(loaded.version()) + "\"";
        }
    }

    Reply reply() {
        StringBuilder out = new StringBuilder();
        List<Row> rows = rows();
        each(out, rows, COUNTER, "fluxion_requests_total", "Requests answered.", row -> row.done()
                .answered());
        each(out, rows, COUNTER, "fluxion_samples_total", "Samples answered.", row -> row.done()
                .samples());
        each(out, rows, COUNTER, "fluxion_batches_total", "Batches computed.", row -> row.done()
                .executions());
        each(
                out,
                rows,
                COUNTER,
                "fluxion_queue_seconds_total",
                "Time that requests waited.",
                row -> row.done().queueNanos() * NANOS);
        each(
                out,
                rows,
                COUNTER,
                "fluxion_compute_seconds_total",
                "Time that the batches of requests were computed, for each request.",
                row -> row.done().computeNanos() * NANOS);
        each(out, rows, GAUGE, "fluxion_waiting_samples", "Samples that wait.", row -> row.done()
                .waiting());
        each(out, rows, GAUGE, "fluxion_model_bytes", "Native memory.", row -> row.loaded()
                .bytes());
        each(
                out,
                rows,
                GAUGE,
                "fluxion_model_percent",
                "Requests of a hundred that go to the version.",
                row -> row.loaded().percent());
        refusals(out, rows);
        http(out);
        return Reply.text("text/plain; version=0.0.4; charset=utf-8", out.toString());
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (Models.Loaded loaded : models.list()) {
            try {
                rows.add(new Row(loaded, models.statistics(loaded.name(), loaded.version())));
            } catch (IllegalArgumentException e) {
                // It was unloaded meanwhile.
            }
        }
        return rows;
    }

    private static void each(
            StringBuilder out, List<Row> rows, String type, String name, String help, ToDoubleFunction<Row> value) {
        head(out, type, name, help);
        rows.forEach(row -> line(out, name, row.labels(), value.applyAsDouble(row)));
    }

    private static void refusals(StringBuilder out, List<Row> rows) {
        String name = "fluxion_refused_total";
        head(out, COUNTER, name, "Requests not answered, by reason.");
        for (Row row : rows) {
            for (Refusal why : Refusal.values()) {
                String labels = row.labels() + ",reason=\"" + why.name().toLowerCase(Locale.ROOT) + "\"";
                line(out, name, labels, row.done().refused().getOrDefault(why, 0L));
            }
        }
    }

    private void http(StringBuilder out) {
        answers(out, "fluxion_http", "status", answers);
        head(out, GAUGE, "fluxion_http_connections", "Open connections.");
        line(out, "fluxion_http_connections", "", (double) connections.sum());
        answers(out, "fluxion_grpc", "code", models.overGrpc());
    }

    private static <S extends Comparable<S>> void answers(
            StringBuilder out, String prefix, String label, Answers<S> answers) {
        String total = prefix + "_answers_total";
        head(out, COUNTER, total, "Answers, by " + label + ".");
        answers.statuses().forEach((status, count) -> line(out, total, label + "=\"" + status + "\"", (double) count));
        String name = prefix + "_seconds";
        head(out, "histogram", name, "Time from the end of a request to its answer.");
        long below = 0;
        for (Map.Entry<Double, Long> time : answers.times().entrySet()) {
            below += time.getValue();
            String bound =
                    Double.isInfinite(time.getKey()) ? "+Inf" : time.getKey().toString();
            line(out, name + "_bucket", "le=\"" + bound + "\"", (double) below);
        }
        line(out, name + "_sum", "", answers.seconds());
        line(out, name + "_count", "", (double) below);
    }

    private static void head(StringBuilder out, String type, String name, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void line(StringBuilder out, String name, String labels, double value) {
        out.append(name);
        if (!labels.isEmpty()) {
            out.append('{').append(labels).append('}');
        }
        boolean whole = value == Math.rint(value);
        out.append(' ')
                .append(whole ? Long.toString((long) value) : Double.toString(value))
                .append('\n');
    }

    private static String escaped(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
