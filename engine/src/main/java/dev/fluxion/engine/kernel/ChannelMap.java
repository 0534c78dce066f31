package dev.fluxion.engine.kernel;

import java.nio.FloatBuffer;

/** (x − centre) · scale + shift with numbers of each channel of a sample. */
final class ChannelMap {
    private static final int PIECE = 2048;

    private final Grouped groups;
    private final float[] centres;
    private final float[] scales;
    private final float[] shifts;
    private final float[] piece;
    /** For rows of several channels, the numbers beside each element of a piece. */
    private final float[][] beside;

    ChannelMap(Grouped groups) {
        this.groups = groups;
        this.centres = new float[groups.channels()];
        this.scales = new float[groups.channels()];
        this.shifts = new float[groups.channels()];
        this.piece = new float[piece(groups)];
        this.beside = new float[3][groups.width() == 1 ? 0 : piece.length];
    }

    /** The elements that are taken at once: of one block, where its rows have several channels. */
    static int piece(Grouped groups) {
        int width = groups.width();
        int whole = width == 1 ? groups.size() : groups.rows() * width;
        return Math.min(Math.max(1, PIECE / width) * width, whole);
    }

    /** Takes the numbers of a channel. */
    void set(int channel, float centre, float scale, float shift) {
        centres[channel] = centre;
        scales[channel] = scale;
        shifts[channel] = shift;
    }

    /** Computes a sample from an index on. */
    void apply(FloatBuffer x, FloatBuffer y, int start) {
        if (groups.width() == 1) {
            byChannel(x, y, start);
        } else {
            for (int block = 0; block < groups.blocks(); block++) {
                inRows(x, y, start, block);
            }
        }
    }

    private void byChannel(FloatBuffer x, FloatBuffer y, int start) {
        int rows = groups.rows();
        for (int from = 0; from < groups.size(); from += piece.length) {
            int n = Math.min(piece.length, groups.size() - from);
            x.get(start + from, piece, 0, n);
            for (int i = 0; i < n; ) {
                int channel = (from + i) / rows;
                int end = Math.min(n, (channel + 1) * rows - from);
                map(piece, i, end, centres[channel], scales[channel], shifts[channel]);
                i = end;
            }
            y.put(start + from, piece, 0, n);
        }
    }

    private static void map(float[] all, int from, int to, float centre, float scale, float shift) {
        for (int i = from; i < to; i++) {
            all[i] = (all[i] - centre) * scale + shift;
        }
    }

    private void inRows(FloatBuffer x, FloatBuffer y, int start, int block) {
        spread(centres, block * groups.width(), groups.width(), beside[0]);
        spread(scales, block * groups.width(), groups.width(), beside[1]);
        spread(shifts, block * groups.width(), groups.width(), beside[2]);
        int length = groups.rows() * groups.width();
        for (int from = 0; from < length; from += piece.length) {
            int n = Math.min(piece.length, length - from);
            int at = block * length + from;
            groups.get(x, start, at, piece, n);
            map(piece, beside[0], beside[1], beside[2], n);
            groups.put(y, start, at, piece, n);
        }
    }

    private static void map(float[] all, float[] centre, float[] scale, float[] shift, int n) {
        for (int i = 0; i < n; i++) {
            all[i] = (all[i] - centre[i]) * scale[i] + shift[i];
        }
    }

    /** Repeats so many numbers from an index on. */
    static void spread(float[] from, int at, int width, float[] to) {
        System.arraycopy(from, at, to, 0, width);
        for (int known = width; known < to.length; known *= 2) {
            System.arraycopy(to, 0, to, known, Math.min(known, to.length - known));
        }
    }
}
