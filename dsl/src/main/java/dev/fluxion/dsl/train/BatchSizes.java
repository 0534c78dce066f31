package dev.fluxion.dsl.train;

import dev.fluxion.ir.Given;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The batch sizes that have prediction programs, ascending. Any other number of rows is computed in parts of these
 * sizes, the last one padded. The parts depend on the number of rows and on the network alone.
 */
record BatchSizes(List<Integer> sizes) {
    /** No division: each number of rows has a program of its own. */
    static final Division WHOLE = new Division(Integer.MAX_VALUE, new int[0]);

    private static final int LARGEST = 256;
    private static final int MOST = 1 << 16;

    BatchSizes {
        sizes = sizes.stream().distinct().sorted().toList();
    }

    /** Powers of two up to 256. */
    static BatchSizes powersOfTwo() {
        List<Integer> sizes = new ArrayList<>();
        for (int size = 1; size <= LARGEST; size *= 2) {
            sizes.add(size);
        }
        return new BatchSizes(sizes);
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
        return new BatchSizes(Arrays.stream(sizes).boxed().toList());
    }

    boolean contains(int rows) {
        return sizes.contains(rows);
    }

    /** The sizes of which batches of up to so many rows are made. */
    List<Integer> upTo(int rows) {
        int next = sizes.stream().filter(size -> size >= rows).findFirst().orElse(largest());
        return sizes.stream().filter(size -> size <= next).toList();
    }

    private int largest() {
        return sizes.get(sizes.size() - 1);
    }

    /**
     * The division of any number of rows at the least cost.
     *
     * @param overhead the fixed cost of a run, as a number of rows; above 0
     */
    Division division(double overhead) {
        int[] first = new int[2 * largest() + 1];
        double[] cost = new double[first.length];
        for (int rows = 1; rows < first.length; rows++) {
            cost[rows] = Double.POSITIVE_INFINITY;
            for (int size : sizes) {
                double all = size + overhead + cost[Math.max(0, rows - size)];
                if (all < cost[rows]) {
                    cost[rows] = all;
                    first[rows] = size;
                }
                if (size >= rows) {
                    break;
                }
            }
        }
        return new Division(largest(), first);
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
    }
}
