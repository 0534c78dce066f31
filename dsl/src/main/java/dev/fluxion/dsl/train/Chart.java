package dev.fluxion.dsl.train;

import java.util.Locale;

/** Draws a loss curve as SVG: axes with round numbers, a thin line for each batch, a thick one for the running mean. */
final class Chart {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 440;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 44;
    private static final int BOTTOM = 56;
    private static final int MOST_POINTS = 1500;
    private static final int TICKS = 6;
    private static final int MOST_EPOCHS_MARKED = 40;

    private final float[] losses;
    private final int[] epochEnds;
    private final double most;
    private final StringBuilder out = new StringBuilder();

    Chart(float[] losses, int[] epochEnds) {
        this.losses = losses;
        this.epochEnds = epochEnds;
        double largest = 0;
        for (float loss : losses) {
            largest = Math.max(largest, loss);
        }
        this.most = largest > 0 ? largest : 1;
    }

    String svg() {
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">",
                WIDTH, HEIGHT);
        add("<title>Loss by iteration</title>");
        add("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
        axes();
        int window = Math.max(1, losses.length / 40);
        if (losses.length > 0) {
            line(losses, "#9ec5e8", 1);
            line(runningMean(window), "#c0392b", 2.2);
        }
        legend(LEFT + 10, "#9ec5e8", "loss of each batch");
        legend(LEFT + 190, "#c0392b", "mean of the last " + window);
        add("</svg>");
        return out.toString();
    }

    private void axes() {
        double stepY = step(most);
        for (int i = 0; i * stepY <= most; i++) {
            double y = y(i * stepY);
            add("<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#e3e3e3\"/>", LEFT, y, WIDTH - RIGHT, y);
            add("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 8, y + 4.5, round(i * stepY));
        }
        double stepX = Math.max(1, step(losses.length));
        for (int i = 0; i * stepX <= losses.length; i++) {
            double x = x(i * stepX);
            add("<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"black\"/>", x, bottom(), x, bottom() + 5);
            add("<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>", x, bottom() + 20, round(i * stepX));
        }
        if (epochEnds.length <= MOST_EPOCHS_MARKED) {
            epochs();
        }
        add("<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"black\"/>", LEFT, TOP, bottom(), WIDTH - RIGHT);
        add("<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">iteration</text>", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12);
        int middle = (TOP + bottom()) / 2;
        add(
                "<text x=\"18\" y=\"%d\" text-anchor=\"middle\" transform=\"rotate(-90 18 %d)\">loss</text>",
                middle, middle);
    }

    private void epochs() {
        for (int i = 0; i < epochEnds.length; i++) {
            double x = x(epochEnds[i]);
            add(
                    "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#999\" stroke-dasharray=\"3 4\"/>",
                    x, TOP, x, bottom());
            add(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"end\" fill=\"#777\" font-size=\"11\">%s%d</text>",
                    x - 4, TOP + 12, epochEnds.length > 10 ? "" : "epoch ", i + 1);
        }
    }

    private void line(float[] values, String colour, double width) {
        int group = (values.length + MOST_POINTS - 1) / MOST_POINTS;
        StringBuilder points = new StringBuilder();
        for (int from = 0; from < values.length; from += group) {
            int to = Math.min(from + group, values.length);
            double sum = 0;
            for (int i = from; i < to; i++) {
                sum += values[i];
            }
            points.append(text("%.1f,%.1f ", x((from + 1 + to) / 2.0), y(sum / (to - from))));
        }
        add(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%s\" stroke-linejoin=\"round\"/>",
                points.toString().strip(), colour, width);
    }

    private float[] runningMean(int window) {
        float[] means = new float[losses.length];
        double sum = 0;
        for (int i = 0; i < losses.length; i++) {
            sum += losses[i] - (i >= window ? losses[i - window] : 0);
            means[i] = (float) (sum / Math.min(i + 1, window));
        }
        return means;
    }

    private void legend(int x, String colour, String label) {
        add("<line x1=\"%d\" y1=\"22\" x2=\"%d\" y2=\"22\" stroke=\"%s\" stroke-width=\"3\"/>", x, x + 24, colour);
        add("<text x=\"%d\" y=\"26.5\">%s</text>", x + 32, label);
    }

    /** The place of an iteration, counted from 1. */
    private double x(double iteration) {
        return LEFT + (WIDTH - LEFT - RIGHT) * iteration / Math.max(1, losses.length);
    }

    /** The place of a loss; losses below 0 are drawn on the axis. */
    private double y(double loss) {
        return bottom() - (bottom() - TOP) * Math.max(0, loss) / most;
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
        return number >= 1e6 ? text("%.1e", number) : text("%.6g", number).replaceFirst("\\.?0+$", "");
    }

    private void add(String format, Object... arguments) {
        out.append(text(format, arguments)).append('\n');
    }

    private static String text(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
