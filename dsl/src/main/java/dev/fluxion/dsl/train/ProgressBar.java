package dev.fluxion.dsl.train;

import dev.fluxion.data.DataLoader;
import dev.fluxion.ir.Legible;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A bar in the last line of a terminal, which is written anew a few times a second. Lines for epochs and evaluations stay above
 * it. The line ends when the training does, however.
 */
final class ProgressBar implements TrainingListener {
    private static final long NANOS_BETWEEN = 100_000_000;
    private static final long NANOS_PER_WIDTH = 10_000_000_000L;
    private static final int WIDEST = 30;
    private static final int NARROWEST = 5;

    private final Terminal terminal;
    private final PrintStream out;
    private final LongSupplier nanos;
    private @Nullable DataLoader data;
    private Map<String, Double> metrics = Map.of();
    private int width;
    private long measured;
    /** Where the epoch was when this first heard of it. */
    private int first = -1;

    private long began;
    private long drawn;
    /** The columns that the bar takes on the screen now; 0 if there is none. */
    private int shown;

    ProgressBar(Terminal terminal, PrintStream out, LongSupplier nanos) {
        this.terminal = terminal;
        this.out = out;
        this.nanos = nanos;
    }

    @Override
    public void begun(Begun begun) {
        data = begun.data();
        metrics = Map.of();
        first = -1;
    }

    @Override
    public void iteration(Iteration iteration) {
        long now = nanos.getAsLong();
        if (first < 0) {
            first = iteration.iteration();
            began = now;
            drawn = now - NANOS_BETWEEN;
        }
        if (now - drawn >= NANOS_BETWEEN) {
            drawn = now;
            measure(now);
            draw(iteration, (now - began) / 1e9);
        }
    }

    /** Asks for the width now and then, as windows change. */
    private void measure(long now) {
        if (width == 0 || now - measured >= NANOS_PER_WIDTH) {
            width = terminal.width().getAsInt();
            measured = now;
        }
    }

    @Override
    public void evaluated(Evaluated evaluated) {
        line(evaluated);
    }

    @Override
    public void epoch(Epoch epoch) {
        line(epoch);
        first = -1;
    }

    @Override
    public void ended(Ended ended) {
        if (shown > 0) {
            out.println();
            out.flush();
            shown = 0;
        }
    }

    /** Writes a line in place of the bar. */
    private void line(Report report) {
        metrics = report.metrics();
        String line = report.toString();
        out.println((shown > 0 ? "\r" : "") + line + " ".repeat(Math.max(0, shown - Columns.of(line))));
        out.flush();
        shown = 0;
    }

    private void draw(Iteration iteration, double seconds) {
        String line = line(iteration, seconds);
        int columns = Columns.of(line);
        out.print("\r" + line + " ".repeat(Math.max(0, shown - columns)));
        out.flush();
        shown = columns;
    }

    /** The line of the bar, which leaves the last column free, as some terminals go on to the next line there. */
    private String line(Iteration at, double seconds) {
        int room = width - 1;
        String head = "epoch " + (at.epoch() + 1) + "/" + at.epochs() + " ";
        List<String> parts = parts(at, seconds);
        String tail = String.join("  ", parts);
        while (parts.size() > 2 && Columns.of(head + tail) > room) {
            parts.remove(parts.size() - 1);
            tail = String.join("  ", parts);
        }
        int free = Math.min(WIDEST, room - Columns.of(head + tail) - 1);
        String bar = at.iterations() > 0 && free >= NARROWEST ? bar(at, free) + " " : "";
        return Columns.cut(head + bar + tail, room);
    }

    private String bar(Iteration at, int columns) {
        int done = (int) Math.min(columns, (long) columns * (at.iteration() + 1) / at.iterations());
        return (terminal.unicode() ? "█" : "#").repeat(done) + (terminal.unicode() ? "░" : "-").repeat(columns - done);
    }

    /** What is told, the most important first. */
    private List<String> parts(Iteration at, double seconds) {
        List<String> parts = new ArrayList<>();
        parts.add((at.iteration() + 1) + (at.iterations() > 0 ? "/" + at.iterations() : ""));
        parts.add("loss " + Lines.number(at.loss()));
        int done = at.iteration() - first;
        if (done > 0 && seconds > 0) {
            if (at.iterations() > 0) {
                parts.add(duration(seconds / done * (at.iterations() - at.iteration() - 1)) + " left");
            }
            if (data != null) {
                parts.add(rate((samples(at.iteration()) - samples(first)) / seconds) + " samples/s");
            }
        }
        metrics.forEach((name, value) -> parts.add(Legible.whole(name) + " " + Lines.number(value)));
        return parts;
    }

    /** The number of samples of an epoch up to an iteration. */
    private double samples(int iteration) {
        return data == null ? 0 : Math.min((iteration + 1.0) * data.batch(), data.samples());
    }

    static String rate(double perSecond) {
        double scaled = perSecond >= 999_500 ? perSecond / 1e6 : perSecond >= 9_999.5 ? perSecond / 1e3 : perSecond;
        String unit = perSecond >= 999_500 ? "M" : perSecond >= 9_999.5 ? "k" : "";
        return String.format(Locale.ROOT, scaled < 99.95 ? "%.1f%s" : "%.0f%s", scaled, unit);
    }

    static String duration(double seconds) {
        long s = Math.round(seconds);
        return s < 3600
                ? String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60)
                : s < 86_400
                        ? String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60)
                        : String.format(Locale.ROOT, "%dd %02dh", s / 86_400, s / 3600 % 24);
    }
}
