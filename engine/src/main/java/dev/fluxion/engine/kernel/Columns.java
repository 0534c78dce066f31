package dev.fluxion.engine.kernel;

import java.util.Arrays;

/**
 * Sums of two numbers for each column of {@link Blocks}. Some rows are taken at once, an array of them, whose elements add up in
 * single precision over a stretch of 128 and in double precision over all.
 */
final class Columns {
    private static final int WIDTH = 512;
    private static final int STRETCH = 128;
    /** So many sums, and those of wider rows, are added up one by one. */
    static final int FEW = 16;

    /** Adds up an array's elements, the first {@code n}: one number each, or two. */
    interface Add {
        void add(float[] first, float[] second, int start, int n);
    }

    private final Blocks blocks;
    private final int piece;
    private final float[] first;
    private final float[] second;

    Columns(Blocks blocks) {
        this(blocks, blocks.width());
    }

    /**
     * Sums of some columns of wider rows, in the order of all.
     *
     * @param width the elements of a row with all columns
     */
    Columns(Blocks blocks, int width) {
        this.blocks = blocks;
        this.piece = Math.min(Math.max(1, WIDTH / width), blocks.rows()) * blocks.width();
        this.first = new float[piece];
        this.second = new float[piece];
    }

    /** The elements that are taken at once. */
    int piece() {
        return piece;
    }

    private int pieces() {
        return (blocks.rows() * blocks.width() + piece - 1) / piece;
    }

    /** How many rows of a block are looked at, of every so many pieces. */
    int looked(int every) {
        int perPiece = piece / blocks.width();
        int last = pieces() - 1;
        int pieces = last / every + 1;
        int missing = last % every == 0 ? pieces() * perPiece - blocks.rows() : 0;
        return pieces * perPiece - missing;
    }

    /** Puts a number for each column, which are there for the first row of a piece, beside each of its elements. */
    void spread(float[] to) {
        ChannelMap.spread(to, 0, blocks.width(), to);
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

    private static void addHalf(float[] all, int half) {
        for (int i = 0; i < half; i++) {
            all[i] += all[half + i];
        }
    }

    private void clear() {
        Arrays.fill(first, 0);
        Arrays.fill(second, 0);
    }

    private void fold(int target, double[] firsts, double[] seconds) {
        int left = piece;
        for (; blocks.width() < FEW && left % (2 * blocks.width()) == 0 && left / 2 >= FEW; left /= 2) {
            addHalf(first, left / 2);
            addHalf(second, left / 2);
        }
        for (int i = 0; i < left; i += blocks.width()) {
            for (int column = 0; column < blocks.width(); column++) {
                firsts[target + column] += first[i + column];
                seconds[target + column] += second[i + column];
            }
        }
    }
}
