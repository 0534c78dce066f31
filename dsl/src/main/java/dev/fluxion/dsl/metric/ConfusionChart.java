package dev.fluxion.dsl.metric;

import dev.fluxion.dsl.internal.Svg;
import java.util.Locale;

/** Draws a confusion matrix as SVG: a cell for each pair of classes, shaded by its part of the targets of its row. */
final class ConfusionChart {
    private static final int CELL = 48;
    private static final int TOP = 90;
    private static final int MARGIN = 20;
    private static final int LETTER = 8;

    private final ConfusionMatrix matrix;
    private final int left;
    private final StringBuilder out = new StringBuilder();

    ConfusionChart(ConfusionMatrix matrix) {
        this.matrix = matrix;
        int longest = 1;
        for (int c = 0; c < matrix.classes(); c++) {
            longest = Math.max(longest, matrix.name(c).length());
        }
        this.left = 50 + LETTER * longest;
    }

    String svg() {
        int size = CELL * matrix.classes();
        int width = left + Math.max(size, 2 * CELL) + MARGIN;
        int height = TOP + size + MARGIN;
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">",
                width, height);
        add("<title>Confusion matrix</title>");
        add("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", width, height);
        add("<text x=\"%d\" y=\"20\">predicted</text>", left);
        add("<text x=\"18\" y=\"%d\" text-anchor=\"end\" transform=\"rotate(-90 18 %d)\">target</text>", TOP, TOP);
        for (int c = 0; c < matrix.classes(); c++) {
            row(c);
        }
        add("</svg>");
        return out.toString();
    }

    private void row(int target) {
        long sum = 0;
        for (int c = 0; c < matrix.classes(); c++) {
            sum += matrix.count(target, c);
        }
        int y = TOP + CELL * target;
        String name = Svg.escape(matrix.name(target));
        int middle = left + CELL * target + CELL / 2;
        add("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", left - 8, y + CELL / 2 + 5, name);
        add(
                "<text x=\"%d\" y=\"%d\" transform=\"rotate(-45 %d %d)\">%s</text>",
                middle, TOP - 8, middle, TOP - 8, name);
        for (int c = 0; c < matrix.classes(); c++) {
            cell(left + CELL * c, y, matrix.count(target, c), sum);
        }
    }

    private void cell(int x, int y, long count, long sum) {
        double part = sum == 0 ? 0 : (double) count / sum;
        add(
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#1f5fa8\" fill-opacity=\"%.3f\" stroke=\"#ccc\"/>",
                x, y, CELL, CELL, part);
        add(
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"%s\">%d</text>",
                x + CELL / 2, y + CELL / 2 + 5, part > 0.5 ? "white" : "black", count);
    }

    private void add(String format, Object... arguments) {
        out.append(String.format(Locale.ROOT, format, arguments)).append('\n');
    }
}
