package dev.fluxion.dsl.internal;

import dev.fluxion.io.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Draws lines over a counted axis as SVG: axes with round numbers, a legend, and marks where epochs end. */
public final class Chart {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 440;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 44;
    private static final int BOTTOM = 56;
    private static final int MOST_POINTS = 1500;
    private static final int TICKS = 6;
    private static final int MOST_MARKS = 40;

    private final String title;
    private final Axis across;
    private final String upward;
    private final Marks marks;
    private final List<Line> lines;
    private final int count;
    private final double least;
    private final double most;
    private final StringBuilder out = new StringBuilder();

    /**
     * A line.
     *
     * @param label what it shows
     * @param colour its colour in SVG
     * @param width its width in pixels
     * @param values its heights
     * @param at the count of each, in rising order
     */
    @SuppressWarnings("ArrayRecordComponent") // lines are drawn and never compared
    public record Line(String label, String colour, double width, float[] values, int[] at) {
        /** A line with a height for each count from 1 on. */
        public static Line counted(String label, String colour, double width, float... values) {
            return new Line(
                    label,
                    colour,
                    width,
                    values,
                    IntStream.rangeClosed(1, values.length).toArray());
        }

        /** This line behind so many counts more. */
        public Line after(int counts) {
            return new Line(
                    label,
                    colour,
                    width,
                    values,
                    IntStream.of(at).map(count -> count + counts).toArray());
        }
    }

    /**
     * What is counted.
     *
     * @param title its name
     * @param label the text at a count
     */
    public record Axis(String title, DoubleFunction<String> label) {
        /** The numbers themselves. */
        public static Axis counted(String title) {
            return new Axis(title, Chart::round);
        }
    }

    /**
     * Counts that are marked.
     *
     * @param at the counts
     * @param label the text at one of them
     */
    @SuppressWarnings("ArrayRecordComponent") // marks are drawn and never compared
    public record Marks(int[] at, IntFunction<String> label) {
        /** The ends of epochs. */
        public static Marks epochs(int... ends) {
            return epochsAfter(0, ends);
        }

        /** The ends of epochs behind so many others. */
        public static Marks epochsAfter(int before, int... ends) {
            return new Marks(ends, i -> (ends.length > 10 ? "" : "epoch ") + (before + i + 1));
        }
    }

    /**
     * A chart.
     *
     * @param title what it shows
     * @param across what is counted
     * @param upward what the heights are
     * @param marks what is marked
     * @param lines the lines, later ones over earlier ones; heights that are not finite are left out
     */
    public Chart(String title, Axis across, String upward, Marks marks, List<Line> lines) {
        this(title, across, upward, marks, lines, true);
    }

    /** A chart whose heights begin at 0, or lower where lines do, or else just below the lowest one. */
    public Chart(String title, Axis across, String upward, Marks marks, List<Line> lines, boolean fromZero) {
        this.title = title;
        this.across = across;
        this.upward = upward;
        this.marks = marks;
        this.lines = lines;
        double smallest = fromZero ? 0 : Double.POSITIVE_INFINITY;
        double largest = fromZero ? 0 : Double.NEGATIVE_INFINITY;
        int longest = 0;
        for (Line line : lines) {
            longest = Math.max(longest, line.at.length == 0 ? 0 : line.at[line.at.length - 1]);
            for (float height : line.values) {
                if (Float.isFinite(height)) {
                    smallest = Math.min(smallest, height);
                    largest = Math.max(largest, height);
                }
            }
        }
        this.count = longest;
        double room = fromZero ? 0 : 0.08 * Math.max(largest - smallest, 1e-3 * Math.abs(largest));
        this.least = smallest > largest ? 0 : smallest - room;
        this.most = smallest > largest ? 1 : largest + room > least ? largest + room : least + 1;
    }

    /** The text of the file. */
    public String svg() {
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">",
                WIDTH, HEIGHT);
        add("<title>%s</title>", Svg.escape(title));
        add("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
        axes();
        for (Line line : lines) {
            if (line.values.length > 0) {
                line(line);
            }
        }
        for (int i = 0; i < lines.size(); i++) {
            legend(
                    LEFT + 10 + Math.min(180, (WIDTH - LEFT - RIGHT) / lines.size()) * i,
                    lines.get(i).colour,
                    lines.get(i).label);
        }
        add("</svg>");
        return out.toString();
    }

    /**
     * Writes the file.
     *
     * @throws IOException if it cannot be written, as where its folder does not exist
     */
    public void save(Path file) throws IOException {
        write(file, svg());
    }

    /**
     * Writes a picture to a file, which stays as it was if that fails.
     *
     * @throws IOException if it cannot be written, as where its folder does not exist
     */
    public static void write(Path file, String svg) throws IOException {
        WholeFile.write(file, svg);
    }

    private void axes() {
        double stepY = step(most - least);
        for (long i = (long) Math.ceil(least / stepY); i * stepY <= most; i++) {
            double y = y(i * stepY);
            add("<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#e3e3e3\"/>", LEFT, y, WIDTH - RIGHT, y);
            add("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 8, y + 4.5, round(i * stepY));
        }
        double stepX = Math.max(1, step(count));
        for (int i = 0; i * stepX <= count; i++) {
            double x = x(i * stepX);
            add("<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"black\"/>", x, bottom(), x, bottom() + 5);
            add(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                    x, bottom() + 20, Svg.escape(across.label.apply(i * stepX)));
        }
        if (marks.at.length <= MOST_MARKS) {
            marks();
        }
        add("<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"black\"/>", LEFT, TOP, bottom(), WIDTH - RIGHT);
        add(
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, Svg.escape(across.title));
        int middle = (TOP + bottom()) / 2;
        add(
                "<text x=\"18\" y=\"%d\" text-anchor=\"middle\" transform=\"rotate(-90 18 %d)\">%s</text>",
                middle, middle, Svg.escape(upward));
    }

    private void marks() {
        for (int i = 0; i < marks.at.length; i++) {
            double x = x(marks.at[i]);
            add(
                    "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#999\" stroke-dasharray=\"3 4\"/>",
                    x, TOP, x, bottom());
            add(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"end\" fill=\"#777\" font-size=\"11\">%s</text>",
                    x - 4, TOP + 12, Svg.escape(marks.label.apply(i)));
        }
    }

    private void line(Line line) {
        float[] values = line.values;
        int group = (values.length + MOST_POINTS - 1) / MOST_POINTS;
        StringBuilder points = new StringBuilder();
        for (int from = 0; from < values.length; from += group) {
            int to = Math.min(from + group, values.length);
            double sum = 0;
            int finite = 0;
            for (int i = from; i < to; i++) {
                sum += Float.isFinite(values[i]) ? values[i] : 0;
                finite += Float.isFinite(values[i]) ? 1 : 0;
            }
            if (finite > 0) {
                points.append(text("%.1f,%.1f ", x((line.at[from] + line.at[to - 1]) / 2.0), y(sum / finite)));
            }
        }
        add(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%s\" stroke-linejoin=\"round\"/>",
                points.toString().strip(), line.colour, line.width);
    }

    private void legend(int x, String colour, String label) {
        add("<line x1=\"%d\" y1=\"22\" x2=\"%d\" y2=\"22\" stroke=\"%s\" stroke-width=\"3\"/>", x, x + 24, colour);
        add("<text x=\"%d\" y=\"26.5\">%s</text>", x + 32, Svg.escape(label));
    }

    /** The place of a count, from 1. */
    private double x(double at) {
        return LEFT + (WIDTH - LEFT - RIGHT) * at / Math.max(1, count);
    }

    /** The place of a height. */
    private double y(double height) {
        return bottom() - (bottom() - TOP) * (height - least) / (most - least);
    }

    private static int bottom() {
        return HEIGHT - BOTTOM;
    }

    /** The round distance, 1, 2 or 5 times a power of ten, that divides a range into about {@link #TICKS} parts. */
    private static double step(double range) {
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(range, 1e-30) / TICKS)));
        double parts = range / TICKS / power;
        return power * (parts <= 1 ? 1 : parts <= 2 ? 2 : parts <= 5 ? 5 : 10);
    }

    private static String round(double number) {
        if (Math.abs(number) >= 1e6 || number != 0 && Math.abs(number) < 1e-4) {
            return text("%.1e", number);
        }
        String text = text("%.6f", number).replaceFirst("\\.?0+$", "");
        return text.equals("-0") ? "0" : text;
    }

    private void add(String format, Object... arguments) {
        out.append(text(format, arguments)).append('\n');
    }

    private static String text(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
