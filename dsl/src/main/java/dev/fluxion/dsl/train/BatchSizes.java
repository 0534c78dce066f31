package dev.fluxion.dsl.train;

import dev.fluxion.ir.Given;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * The batch sizes that have prediction programs. Any other number of rows is computed in parts of these sizes, the last one padded. The
 * parts depend on the number of rows and on the network alone.
 *
 * @param sizes ascending
 * @param fixed whether they are those that a user chose; others may join them where parts and padding cost too much
 */
record BatchSizes(List<Integer> sizes, boolean fixed) {
    /** No division: each number of rows has a program of its own. */
    static final Division WHOLE = new Division(Integer.MAX_VALUE, new int[0]);

    private static final int SMALL = 8;
    private static final int LARGEST = 256;
    private static final int MOST = 1 << 16;
    /** What parts and padding may cost, of a program for exactly as many rows, by an estimate: what it is off by has to fit below 1.15. */
    private static final double MOST_COST = 1.12;

    BatchSizes {
        sizes = sizes.stream().distinct().sorted().toList();
    }

    /** All up to 8, since kernels of few rows differ most, powers of two up to 256, and what a network needs beside them. */
    static BatchSizes usual() {
        List<Integer> sizes = new ArrayList<>();
        for (int size = 1; size <= LARGEST; size = size < SMALL ? size + 1 : 2 * size) {
            sizes.add(size);
        }
        return new BatchSizes(sizes, false);
    }

    /**
     * The sizes that a user chose.
     *
     * @throws IllegalArgumentException if there is none, or one is below 1 or above 65,536
     */
    static BatchSizes of(int... sizes) {
        if (Given.require("batchSizes", "the sizes", sizes).length == 0
                || Arrays.stream(sizes).anyMatch(size -> size < 1 || size > MOST)) {
            throw new IllegalArgumentException(Errors.batchSizes(MOST, sizes));
        }
        return new BatchSizes(Arrays.stream(sizes).boxed().toList(), true);
    }

    boolean contains(int rows) {
        return sizes.contains(rows);
    }

    /** The least sizes that hold batches of up to so many rows, or parts of them. */
    List<Integer> upTo(int rows) {
        int last = sizes.stream().filter(size -> size >= rows).findFirst().orElse(sizes.get(sizes.size() - 1));
        return sizes.stream().filter(size -> size <= last).toList();
    }

    /**
     * The division of any number of rows at the least cost.
     *
     * @param overhead what a run costs beside its rows, as a number of rows; finite and above 0
     */
    Division division(double overhead) {
        NavigableSet<Integer> all = new TreeSet<>(sizes);
        int largest = all.last();
        int[] first = new int[2 * largest + 1];
        double[] least = new double[first.length];
        for (int rows = 1; rows < first.length; rows++) {
            divide(rows, all, overhead, first, least);
            if (!fixed && rows < largest && least[rows] > MOST_COST * (rows + overhead)) {
                all.add(rounded(rows, overhead));
                divide(rows, all, overhead, first, least);
            }
        }
        return new Division(largest, first);
    }

    /** Divides so many rows, all smaller numbers being divided. */
    private static void divide(int rows, NavigableSet<Integer> sizes, double overhead, int[] first, double[] least) {
        least[rows] = Double.POSITIVE_INFINITY;
        for (int size : sizes) {
            double all = size + overhead + least[Math.max(0, rows - size)];
            if (all <= least[rows]) {
                least[rows] = all;
                first[rows] = size;
            }
            if (size >= rows) {
                break;
            }
        }
    }

    /** A size for so many rows, of as round a number as the cost allows, so that many others find room in it. */
    private static int rounded(int rows, double overhead) {
        int unit = Integer.highestOneBit(rows);
        while (up(rows, unit) + overhead > MOST_COST * (rows + overhead)) {
            unit /= 2;
        }
        return up(rows, unit);
    }

    private static int up(int rows, int unit) {
        return (rows + unit - 1) / unit * unit;
    }

    /** For each number of rows up to twice the largest size, the size of its first part. */
    static final class Division {
        private final int largest;
        private final int[] first;

        private Division(int largest, int[] first) {
            this.largest = largest;
            this.first = first;
        }

        /** The sizes of the parts of a number of rows, largest first; only the last one is padded. */
        List<Integer> parts(int rows) {
            List<Integer> parts = new ArrayList<>();
            int left = rows;
            while (left > 0) {
                int part = left < first.length ? first[left] : Math.min(left, largest);
                parts.add(part);
                left -= part;
            }
            parts.sort((a, b) -> b - a);
            return parts;
        }

        /** The sizes of which batches of up to so many rows are made. */
        Set<Integer> upTo(int rows) {
            Set<Integer> used = new TreeSet<>();
            for (int some = 1; some <= rows && some < first.length; some++) {
                used.add(first[some]);
            }
            return used;
        }
    }
}
