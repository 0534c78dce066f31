package dev.fluxion.engine.kernel;

import java.nio.FloatBuffer;

/**
 * (g · factor + shift + (x − centre) · slope) · scale with numbers of each channel of a sample: what is nearly equal cancels out before
 * it is scaled.
 */
final class GradientMap {
    private static final int NUMBERS = 5;

    private final Grouped groups;
    /** The numbers of each channel. */
    private final float[][] numbers;
    /** For rows of several channels, the numbers beside each element of a piece. */
    private final float[][] beside;

    private final float[] gradients;
    private final float[] piece;

    GradientMap(Grouped groups) {
        this.groups = groups;
        this.numbers = new float[NUMBERS][groups.channels()];
        this.piece = new float[ChannelMap.piece(groups)];
        this.gradients = new float[piece.length];
        this.beside = new float[NUMBERS][groups.width() == 1 ? 0 : piece.length];
    }

    /** Takes the numbers of a channel. */
    void set(int channel, float factor, float shift, float centre, float slope, float scale) {
        numbers[0][channel] = factor;
        numbers[1][channel] = shift;
        numbers[2][channel] = centre;
        numbers[3][channel] = slope;
        numbers[4][channel] = scale;
    }

    /** Computes a sample from an index on. */
    void apply(FloatBuffer g, FloatBuffer x, FloatBuffer y, int start) {
        if (groups.width() == 1) {
            byChannel(g, x, y, start);
        } else {
            for (int block = 0; block < groups.blocks(); block++) {
                inRows(g, x, y, start, block);
            }
        }
    }

    private void byChannel(FloatBuffer g, FloatBuffer x, FloatBuffer y, int start) {
        int rows = groups.rows();
        for (int from = 0; from < groups.size(); from += piece.length) {
            int n = Math.min(piece.length, groups.size() - from);
            g.get(start + from, gradients, 0, n);
            x.get(start + from, piece, 0, n);
            for (int i = 0; i < n; ) {
                int c = (from + i) / rows;
                int end = Math.min(n, (c + 1) * rows - from);
                map(i, end, numbers[0][c], numbers[1][c], numbers[2][c], numbers[3][c], numbers[4][c]);
                i = end;
            }
            y.put(start + from, piece, 0, n);
        }
    }

    private void map(int from, int to, float factor, float shift, float centre, float slope, float scale) {
        float[] g = gradients;
        float[] all = piece;
        for (int i = from; i < to; i++) {
            all[i] = (g[i] * factor + shift + (all[i] - centre) * slope) * scale;
        }
    }

    private void inRows(FloatBuffer g, FloatBuffer x, FloatBuffer y, int start, int block) {
        for (int i = 0; i < beside.length; i++) {
            ChannelMap.spread(numbers[i], block * groups.width(), groups.width(), beside[i]);
        }
        int length = groups.rows() * groups.width();
        for (int from = 0; from < length; from += piece.length) {
            int n = Math.min(piece.length, length - from);
            int at = start + block * length + from;
            g.get(at, gradients, 0, n);
            x.get(at, piece, 0, n);
            map(gradients, piece, beside, n);
            y.put(at, piece, 0, n);
        }
    }

    private static void map(float[] g, float[] all, float[][] beside, int n) {
        float[] factor = beside[0];
        float[] shift = beside[1];
        float[] centre = beside[2];
        float[] slope = beside[3];
        float[] scale = beside[4];
        for (int i = 0; i < n; i++) {
            all[i] = (g[i] * factor[i] + shift[i] + (all[i] - centre[i]) * slope[i]) * scale[i];
        }
    }
}
