package dev.fluxion.engine.update;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.List;

/**
 * Copies of the rows of some tables, one behind the other in the order in which they are first named; zeros where a row is named
 * again.
 */
record RowCopies(IntBuffer firsts, List<FloatBuffer> tables, List<FloatBuffer> rows, int width) {
    static RowCopies of(Step.Places places, Buffer firsts, List<Buffer> tables, List<Buffer> rows, int width) {
        return new RowCopies(places.of(firsts).ints(), floats(places, tables), floats(places, rows), width);
    }

    private static List<FloatBuffer> floats(Step.Places places, List<Buffer> buffers) {
        return buffers.stream().map(b -> places.of(b).floats()).toList();
    }

    /** Copies rows out of the tables. */
    Step.Kernel out() {
        float[] zeros = new float[width];
        return () -> {
            for (int i = 0; i < firsts.limit(); i++) {
                int row = firsts.get(i);
                for (int t = 0; t < tables.size(); t++) {
                    if (row == RowSums.NONE) {
                        rows.get(t).put(i * width, zeros);
                    } else {
                        rows.get(t).put(i * width, tables.get(t), row * width, width);
                    }
                }
            }
        };
    }

    /** Copies them back. */
    Step.Kernel back() {
        return () -> {
            for (int i = 0; i < firsts.limit(); i++) {
                int row = firsts.get(i);
                for (int t = 0; row != RowSums.NONE && t < tables.size(); t++) {
                    tables.get(t).put(row * width, rows.get(t), i * width, width);
                }
            }
        };
    }
}
