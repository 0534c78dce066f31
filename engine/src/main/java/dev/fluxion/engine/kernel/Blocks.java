package dev.fluxion.engine.kernel;

import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A row-major tensor beside one whose reduced extents are 1: a list of blocks, each of which is a list of rows. Elements at the
 * same place of all rows of a block belong to one element of the other.
 */
final class Blocks {
    private final int size;
    private final int rows;
    private final int width;
    private final int[] dims;
    private final int[] strides;

    private Blocks(int size, int rows, int width, int[] dims, int[] strides) {
        this.size = size;
        this.rows = rows;
        this.width = width;
        this.dims = dims;
        this.strides = strides;
    }

    /** The number of rows of a block. */
    int rows() {
        return rows;
    }

    /** The number of elements of a row. */
    int width() {
        return width;
    }

    /** Neighbouring axes that are all kept, or all reduced, as one. */
    private record Run(int extent, boolean isKept) {}

    static Blocks of(Shape in, Shape out) {
        List<Run> runs = runs(in, out);
        int width = runs.get(runs.size() - 1).isKept ? runs.remove(runs.size() - 1).extent : 1;
        int rows = runs.isEmpty() ? 1 : runs.remove(runs.size() - 1).extent;
        int[] dims = runs.stream().mapToInt(Run::extent).toArray();
        int[] strides = new int[dims.length];
        int stride = width;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            boolean isKept = runs.get(axis).isKept;
            strides[axis] = isKept ? stride : 0;
            stride *= isKept ? dims[axis] : 1;
        }
        return new Blocks(in.size(), rows, width, dims, strides);
    }

    private static List<Run> runs(Shape in, Shape out) {
        List<Run> runs = new ArrayList<>();
        for (int axis = 0; axis < in.rank(); axis++) {
            boolean isKept = in.dim(axis) == out.dim(axis);
            int last = runs.size() - 1;
            if (in.dim(axis) == 1) {
                continue;
            }
            if (last >= 0 && runs.get(last).isKept == isKept) {
                runs.set(last, new Run(runs.get(last).extent * in.dim(axis), isKept));
            } else {
                runs.add(new Run(in.dim(axis), isKept));
            }
        }
        if (runs.isEmpty()) {
            runs.add(new Run(1, true));
        }
        return runs;
    }

    /** How many there are. */
    int count() {
        return size / (rows * width);
    }

    /** The first of the elements that a block belongs to, as many as its rows are wide. */
    int target(int block) {
        int target = 0;
        int rest = block;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            target += rest % dims[axis] * strides[axis];
            rest /= dims[axis];
        }
        return target;
    }
}
