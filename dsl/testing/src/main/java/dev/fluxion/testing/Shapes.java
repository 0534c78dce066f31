package dev.fluxion.testing;

import dev.fluxion.ir.Shape;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Random shapes, which shrink to few axes and extents of 1. */
public final class Shapes {
    private static final int RANK = 4;
    private static final int EXTENT = 5;

    private Shapes() {}

    /** Shapes of a rank from 0 to 4 with extents from 1 to 5. */
    public static Arbitrary<Shape> any() {
        return of(0, RANK, EXTENT);
    }

    /**
     * Shapes of a range of ranks.
     *
     * @param least the smallest number of axes
     * @param most the largest number of axes
     * @param extent the largest extent; the smallest is 1
     */
    public static Arbitrary<Shape> of(int least, int most, int extent) {
        ShapeRange range = ShapeRange.ranks(least, most).extents(extent);
        return Arbitraries.integers()
                .between(1, range.extent())
                .array(int[].class)
                .ofMinSize(range.leastRank())
                .ofMaxSize(range.mostRank())
                .map(dims -> Shape.of(Arrays.copyOf(dims, dims.length)));
    }
}
