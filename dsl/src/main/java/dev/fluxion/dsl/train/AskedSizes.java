package dev.fluxion.dsl.train;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The sizes that a layer is asked for. The first ones are the largest, of which constant tensors are; the others differ from one
 * another, so that formulas can tell them apart.
 *
 * @param samples how many sizes formulas are fitted to
 * @param candidates sizes to try for these, in this order
 * @param others sizes that show whether the formulas are right
 */
record AskedSizes(int samples, List<BatchShape> candidates, List<BatchShape> others) {
    private static final int[] ROWS = {2, 3, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12};

    /** More samples than a program predicts at once. */
    private static final int MANY = 257;

    /** Of extents up to this there are not enough others than 1, of which some layers make something special. */
    private static final int FEW = 3;

    /** So much is left of an extent, in eighths, and taken away from that. */
    private static final int[][] PARTS = {{8, 0}, {8, 1}, {4, 0}, {8, 2}, {6, 1}, {4, 1}, {8, 3}, {7, 0}};

    /** What every net takes that halves its extents a few times. */
    private static final int[][] EVEN_PARTS = {{8, 0}, {4, 0}, {6, 0}, {2, 0}};

    /** Nets that halve their extents and join them with what they were before take multiples alone. */
    private static final int[] MULTIPLES = {2, 4, 8, 16, 32};

    /** For each of these, so many sizes less the largest one; a prime, so that extents differ in another order each. */
    private static final int STEPS = 5;

    /** The sizes for extents up to some bounds. */
    static AskedSizes of(List<Integer> most) {
        BatchShape single = new BatchShape(1, most);
        if (most.isEmpty()) {
            return new AskedSizes(
                    2, List.of(single.rows(2), single.rows(3)), List.of(single.rows(5), single.rows(MANY), single));
        }
        List<BatchShape> candidates = new ArrayList<>();
        for (int i = 0; i < PARTS.length; i++) {
            candidates.add(size(most, candidates.size(), PARTS, i));
        }
        for (int i = 0; i < EVEN_PARTS.length; i++) {
            candidates.add(size(most, candidates.size(), EVEN_PARTS, i));
        }
        for (int multiple : MULTIPLES) {
            for (int i = 1; i < STEPS; i++) {
                candidates.add(multiples(most, rows(candidates.size()), multiple, i));
            }
        }
        List<Integer> third = most.stream().map(m -> m / 3 + 1).toList();
        List<Integer> ones = most.stream().map(m -> 1).toList();
        return new AskedSizes(
                most.size() + 3,
                candidates,
                List.of(
                        single,
                        single.rows(MANY),
                        new BatchShape(6, third),
                        multiples(most, 6, MULTIPLES[MULTIPLES.length - 1], STEPS + 2),
                        new BatchShape(4, ones),
                        new BatchShape(1, ones)));
    }

    private static int rows(int number) {
        return ROWS[number % ROWS.length];
    }

    /** The largest extents less some multiples, of the power of two that divides them, as far as to one that is given. */
    private static BatchShape multiples(List<Integer> most, int rows, int multiple, int step) {
        return new BatchShape(
                rows,
                IntStream.range(0, most.size())
                        .mapToObj(i -> {
                            int unit = Math.min(multiple, Integer.lowestOneBit(most.get(i)));
                            return Math.max(unit, most.get(i) - unit * (step * (i + 1) % STEPS));
                        })
                        .toList());
    }

    private static BatchShape size(List<Integer> most, int number, int[][] parts, int first) {
        return new BatchShape(
                rows(number),
                IntStream.range(0, most.size())
                        .mapToObj(i -> part(most.get(i), parts[first == 0 ? 0 : (first * (i + 1) + i) % parts.length]))
                        .toList());
    }

    private static int part(int most, int... part) {
        int least = most > FEW ? 2 : 1;
        return Math.min(most, Math.max(least, (int) ((long) most * part[0] / 8) - part[1]));
    }
}
