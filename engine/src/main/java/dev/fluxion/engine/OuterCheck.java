package dev.fluxion.engine;

import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Blas;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.util.function.LongSupplier;

/**
 * Does for an outer product, without computing it, what {@link FiniteCheck} does: no element is larger than the norm of the
 * column times that of the row. Only where that is too large, or no number, the elements are looked at.
 */
final class OuterCheck implements Step.Kernel {
    private final FloatBuffer column;
    private final FloatBuffer row;
    private final FloatBuffer sums;
    private final Call columnSquares;
    private final Call rowSquares;
    private final int m;
    private final int n;
    private final LongSupplier step;
    private final FiniteCheck.Name name;

    OuterCheck(int m, int n, Slice column, Slice row, Slice sums, LongSupplier step, FiniteCheck.Name name) {
        this.column = column.floats();
        this.row = row.floats();
        this.sums = sums.floats();
        this.columnSquares = Blas.dot(m, column, column, sums.slice(0, Float.BYTES));
        this.rowSquares = Blas.dot(n, row, row, sums.slice(Float.BYTES, Float.BYTES));
        this.m = m;
        this.n = n;
        this.step = step;
        this.name = name;
    }

    @Override
    public void run() {
        columnSquares.run();
        rowSquares.run();
        if (!Float.isFinite(sums.get(0) * sums.get(1))) {
            search();
        }
    }

    @Override
    public void close() {
        columnSquares.close();
        rowSquares.close();
    }

    private void search() {
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                float product = column.get(i) * row.get(j);
                if (!Float.isFinite(product)) {
                    throw new ValueException(Errors.diverged(step.getAsLong(), name.at(i * n + j), product));
                }
            }
        }
    }
}
