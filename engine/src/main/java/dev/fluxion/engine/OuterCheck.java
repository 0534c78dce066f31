package dev.fluxion.engine;

import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Call;
import java.nio.FloatBuffer;
import java.util.function.LongSupplier;

/**
 * Does for an outer product, without computing it, what {@link FiniteCheck} does: no element is larger than the norm of the
 * column times that of the row. Only where that is too large, or no number, the elements are looked at.
 */
final class OuterCheck implements Step.Kernel {
    private final Vector column;
    private final Vector row;
    private final Call rowSquares;
    private final LongSupplier step;
    private final FiniteCheck.Name name;

    /** A vector, and where the sum of its squares is. */
    record Vector(int size, FloatBuffer values, FloatBuffer squares) {}

    /** The sum of the column's squares is there; that of the row's is computed. */
    OuterCheck(Vector column, Vector row, Call rowSquares, LongSupplier step, FiniteCheck.Name name) {
        this.column = column;
        this.row = row;
        this.rowSquares = rowSquares;
        this.step = step;
        this.name = name;
    }

    @Override
    public void run() {
        rowSquares.run();
        if (!Float.isFinite(column.squares.get(0) * row.squares.get(0))) {
            search();
        }
    }

    @Override
    public void close() {
        rowSquares.close();
    }

    private void search() {
        for (int i = 0; i < column.size; i++) {
            for (int j = 0; j < row.size; j++) {
                float product = column.values.get(i) * row.values.get(j);
                if (!Float.isFinite(product)) {
                    throw new Diverged(step.getAsLong(), name.at(i * row.size + j), product);
                }
            }
        }
    }
}
