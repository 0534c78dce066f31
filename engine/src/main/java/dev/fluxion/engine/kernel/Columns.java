package dev.fluxion.engine.kernel;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Sums of two numbers for each column of {@link Blocks}. Some rows are taken at once, an array of them, whose elements add up in
 * single precision over a stretch of 128 and in double precision over all.
 */
final class Columns {
    private static final int WIDTH = 512;
    private static final int STRETCH = 128;

    /** Adds up an array's elements, the first {@code n}: one number each, or two. */
    interface Add {
        void add(float[] first, float[] second, int start, int n);
    }

    private final Blocks blocks;
    private final int piece;
    private final float[] first;
    private final float[] second;

    Columns(Blocks blocks) {
        this.blocks = blocks;
        this.piece = Math.min(Math.max(1, WIDTH / blocks.width()), blocks.rows()) * blocks.width();
        this.first = new float[piece];
        this.second = new float[piece];
    }

    /** The elements that are taken at once. */
    int piece() {
        return piece;
    }

    /** The pieces of a block. */
    int pieces() {
        return (blocks.rows() * blocks.width() + piece - 1) / piece;
    }

    /** A number for each column, from an index on, beside each element of a piece. */
    void spread(FloatBuffer from, int at, float[] to) {
        from.get(at, to, 0, blocks.width());
        for (int known = blocks.width(); known < piece; known *= 2) {
            System.arraycopy(to, 0, to, known, Math.min(known, piece - known));
        }
    }

    /** Adds sums over a block, of every so many of its pieces. */
    void sum(int block, int every, Add add, double[] firsts, double[] seconds) {
        int begin = block * blocks.rows() * blocks.width();
        int end = begin + blocks.rows() * blocks.width();
        int target = blocks.target(block);
        int left = STRETCH;
        clear();
        for (int start = begin; start < end; start += every * piece) {
            add.add(first, second, start, Math.min(piece, end - start));
            left--;
            if (left == 0) {
                fold(target, firsts, seconds);
                clear();
                left = STRETCH;
            }
        }
        fold(target, firsts, seconds);
    }

    private void clear() {
        Arrays.fill(first, 0);
        Arrays.fill(second, 0);
    }

    private void fold(int target, double[] firsts, double[] seconds) {
        for (int i = 0; i < piece; i += blocks.width()) {
            for (int column = 0; column < blocks.width(); column++) {
                firsts[target + column] += first[i + column];
                seconds[target + column] += second[i + column];
            }
        }
    }
}
