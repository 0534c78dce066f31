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

    /** So much is left of an extent, in eighths, and taken away from that. */
    private static final int[][] PARTS = {{8, 0}, {8, 1}, {4, 0}, {8, 2}, {6, 1}, {4, 1}, {8, 3}, {7, 0}};

    /** What every net takes that halves its extents a few times. */
    private static final int[][] EVEN_PARTS = {{8, 0}, {4, 0}, {6, 0}, {2, 0}};

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
        List<Integer> third = most.stream().map(m -> m / 3 + 1).toList();
        List<Integer> ones = most.stream().map(m -> 1).toList();
        return new AskedSizes(
                most.size() + 3,
                candidates,
                List.of(
                        single,
                        single.rows(MANY),
                        new BatchShape(6, third),
                        new BatchShape(4, ones),
                        new BatchShape(1, ones)));
    }

    private static BatchShape size(List<Integer> most, int number, int[][] parts, int first) {
        return new BatchShape(
                ROWS[number],
                IntStream.range(0, most.size())
                        .mapToObj(i -> part(most.get(i), parts[first == 0 ? 0 : (first * (i + 1) + i) % parts.length]))
                        .toList());
    }

    private static int part(int most, int... part) {
        return Math.min(most, Math.max(2, (int) ((long) most * part[0] / 8) - part[1]));
    }
}
