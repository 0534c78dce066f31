package dev.fluxion.engine.update;

import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.store.Position;
import dev.fluxion.ffi.Call;
import java.nio.FloatBuffer;

/**
 * Does for an outer product, without computing it, what {@link FiniteCheck} does: no element is larger than the norm of the
 * column times that of the row. Only where that is too large, or no number, the elements are looked at.
 */
final class RankOneCheck implements Step.Kernel {
    private final Vector column;
    private final Vector row;
    private final Call rowSquares;
    private final Position position;
    private final String name;
    private final Limit limit;
    private final Trial trial;

    /** A vector, and where the sum of its squares is. */
    record Vector(int size, FloatBuffer values, FloatBuffer squares) {}

    /** The sum of the column's squares is there; that of the row's is computed. */
    RankOneCheck(Vector column, Vector row, Call rowSquares, Position position, String name, Limit limit, Trial trial) {
        this.column = column;
        this.row = row;
        this.rowSquares = rowSquares;
        this.position = position;
        this.name = name;
        this.limit = limit;
        this.trial = trial;
    }

    @Override
    public void run() {
        rowSquares.run();
        if (column.squares.get(0) * row.squares.get(0) <= limit.squares()) {
            return;
        }
        search();
        limit.exceed();
        trial.run(this::product);
    }

    @Override
    public void close() {
        rowSquares.close();
    }

    private void search() {
        for (int i = 0; i < column.size * row.size; i++) {
            if (!Float.isFinite(product(i))) {
                throw new Diverged(position.step(), name, product(i));
            }
        }
    }

    private float product(int i) {
        return column.values.get(i / row.size) * row.values.get(i % row.size);
    }
}
