package dev.fluxion.testing;

import dev.fluxion.ir.Shape;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Which shapes to draw.
 *
 * @param leastRank the smallest number of axes
 * @param mostRank the largest number of axes
 * @param extent the largest extent
 * @param fixed the only shape, which does not shrink; null for any
 */
record ShapeRange(
        int leastRank, int mostRank, int extent, @Nullable Shape fixed) {
    private static final int ELEMENTS = 64;

    ShapeRange {
        if (leastRank < 0 || leastRank > mostRank) {
            throw new IllegalArgumentException(Errors.badRanks(leastRank, mostRank));
        }
        if (extent < 1) {
            throw new IllegalArgumentException(Errors.badExtent(extent));
        }
    }

    static ShapeRange ranks(int least, int most) {
        return new ShapeRange(least, most, 5, null);
    }

    static ShapeRange only(Shape shape) {
        return new ShapeRange(0, 0, 1, shape);
    }

    ShapeRange extents(int most) {
        return new ShapeRange(leastRank, mostRank, most, fixed);
    }

    boolean shrinks() {
        return fixed == null;
    }

    Shape draw(Random random) {
        if (fixed != null) {
            return fixed;
        }
        int[] dims = new int[leastRank + random.nextInt(mostRank - leastRank + 1)];
        int left = ELEMENTS;
        int first = dims.length == 0 ? 0 : random.nextInt(dims.length);
        for (int i = 0; i < dims.length; i++) {
            int most = Math.min(extent, left);
            int drawn = 1 + random.nextInt(most);
            dims[(first + i) % dims.length] = drawn;
            left /= drawn;
        }
        return Shape.of(dims);
    }
}
