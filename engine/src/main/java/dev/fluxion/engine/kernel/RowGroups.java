package dev.fluxion.engine.kernel;

import java.nio.FloatBuffer;

/**
 * Rows of equal width in groups of at most 128, as many as the next power of two, of about the same size: so that half of the groups
 * are those of half of an image's rows, which the thread has that made them. Row p of a group is added to lane p mod 8, or is compared
 * with it, in single precision: the order does not depend on how many groups are taken at once.
 */
final class RowGroups {
    /** Lanes of a group; the rows of a group that has fewer are lanes by themselves. */
    static final int LANES = 8;
    /** Rows of a group at most. */
    private static final int ROWS = 16 * LANES;
    /** More elements of a row are combined one piece after the other. */
    private static final int WIDTH = 512;

    private final boolean sum;
    private final FloatBuffer from;
    private final int rows;
    private final int width;
    private final float[][] lanes;
    private final float[] chunk;

    /** Takes the elements of a lane, or of a piece of it: {@code count} of {@code values}, beginning with {@code first}. */
    interface Sink {
        void take(int group, int lane, float[] values, int first, int at, int count);
    }

    /** Groups of blocks of so many rows. */
    RowGroups(boolean sum, FloatBuffer from, int rows, int width) {
        this.sum = sum;
        this.from = from;
        this.rows = rows;
        this.width = width;
        this.chunk = new float[LANES * Math.min(width, WIDTH)];
        this.lanes = new float[width <= WIDTH ? 1 : LANES][width <= WIDTH ? chunk.length : WIDTH];
    }

    /** The number of groups of so many rows. */
    static int count(int rows) {
        int full = (rows + ROWS - 1) / ROWS;
        return full <= 1 ? full : Integer.highestOneBit(full - 1) << 1;
    }

    /** The first of so many rows in a group; that of the group behind the last is the number of rows. */
    static int first(int group, int rows) {
        return (int) ((long) rows * group / Math.max(1, count(rows)));
    }

    /** The number of lanes of a group of so many rows in all. */
    static int lanes(int group, int rows) {
        return Math.min(LANES, first(group + 1, rows) - first(group, rows));
    }

    /** Combines the rows of the groups from {@code begin} to {@code end} of the block that starts at an element. */
    void each(int start, int begin, int end, Sink sink) {
        for (int at = 0; at < width; at += WIDTH) {
            int piece = Math.min(WIDTH, width - at);
            boolean together = piece == width;
            for (int group = begin; group < end; group++) {
                int row = first(group, rows);
                gather(start + row * width + at, piece, first(group + 1, rows) - row);
                for (int lane = 0; lane < lanes(group, rows); lane++) {
                    sink.take(group, lane, lanes[together ? 0 : lane], together ? lane * piece : 0, at, piece);
                }
            }
        }
    }

    /** Combines pieces of rows in the lanes: whole rows with all lanes at once, which lie one after the other in the first one. */
    private void gather(int start, int piece, int count) {
        int together = piece == width ? LANES : 1;
        for (int row = 0; row < count; row += together) {
            int n = Math.min(together, count - row) * piece;
            float[] lane = lanes[row % LANES];
            if (row < LANES) {
                from.get(start + row * width, lane, 0, n);
                continue;
            }
            from.get(start + row * width, chunk, 0, n);
            if (sum) {
                add(lane, chunk, n);
            } else {
                raise(lane, chunk, n);
            }
        }
    }

    /** Indices are the same in both, else the loop would not become one of vectors. */
    private static void add(float[] to, float[] values, int count) {
        for (int i = 0; i < count; i++) {
            to[i] += values[i];
        }
    }

    private static void raise(float[] to, float[] values, int count) {
        for (int i = 0; i < count; i++) {
            to[i] = Math.max(to[i], values[i]);
        }
    }
}
