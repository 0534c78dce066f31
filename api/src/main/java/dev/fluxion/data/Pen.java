package dev.fluxion.data;

import java.util.Arrays;

/** Draws chains of lines with a round pen and soft edges, by each pixel's distance to the nearest line. */
final class Pen {
    private static final double EDGE = 0.7;

    private final int side;
    private final double reach;
    private final double[] nearest;

    Pen(int side, double radius) {
        this.side = side;
        this.reach = radius + EDGE;
        this.nearest = new double[side * side];
        Arrays.fill(nearest, reach * reach);
    }

    void draw(double[] chain) {
        for (int i = 2; i < chain.length; i += 2) {
            line(chain[i - 2], chain[i - 1], chain[i], chain[i + 1]);
        }
    }

    private void line(double x0, double y0, double x1, double y1) {
        double dx = x1 - x0;
        double dy = y1 - y0;
        double squared = Math.max(dx * dx + dy * dy, 1e-12);
        int top = first(Math.min(y0, y1));
        int bottom = last(Math.max(y0, y1));
        int left = first(Math.min(x0, x1));
        int right = last(Math.max(x0, x1));
        for (int row = top; row <= bottom; row++) {
            for (int column = left; column <= right; column++) {
                double px = column + 0.5 - x0;
                double py = row + 0.5 - y0;
                double along = Math.max(0, Math.min(1, (px * dx + py * dy) / squared));
                double ex = px - along * dx;
                double ey = py - along * dy;
                int pixel = row * side + column;
                nearest[pixel] = Math.min(nearest[pixel], ex * ex + ey * ey);
            }
        }
    }

    private int first(double coordinate) {
        return Math.max(0, (int) Math.floor(coordinate - reach));
    }

    private int last(double coordinate) {
        return Math.min(side - 1, (int) Math.floor(coordinate + reach));
    }

    /**
     * Writes the picture as bytes: ink on 0, and noise in a triangle around it, cut at 0 and 255.
     *
     * @param ink the value in the middle of a line, up to 1
     * @param noise the largest change
     */
    void develop(double ink, double noise, Rng random, byte[] pixels, int at) {
        for (int i = 0; i < nearest.length; i++) {
            double inside = (reach - Math.sqrt(nearest[i])) / (2 * EDGE);
            double value = ink * Math.min(1, inside) + noise * (random.between(-0.5, 0.5) + random.between(-0.5, 0.5));
            pixels[at + i] = (byte) (Math.max(0, Math.min(1, value)) * 255 + 0.5);
        }
    }
}
