package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.Optional;

/**
 * A matrix that a product reads as it lies: stored as it is or transposed, whole or a stretch of rows or columns.
 *
 * @param buffer where its first number lies
 * @param shape its shape
 * @param stride how many elements its stored rows are apart
 * @param transposed whether its columns are stored, not its rows
 */
record MatrixView(Buffer buffer, Shape shape, int stride, boolean transposed) {
    /** A matrix as it lies. */
    static MatrixView of(Lowering lowering, Expr e) {
        return of(lowering.value(e), e.shape()).orElseGet(() -> plain(lowering, e));
    }

    /** A matrix, or its copy, whose rows lie one behind the other. */
    static MatrixView plain(Lowering lowering, Expr e) {
        return of(lowering.plain(e), e.shape()).orElseThrow();
    }

    private static Optional<MatrixView> of(Buffer buffer, Shape shape) {
        int rows = shape.dim(0);
        int columns = shape.dim(1);
        long[] strides = buffer.layout().strides();
        if (strides.length == 2 && (columns == 1 || strides[1] == 1)) {
            return Optional.of(new MatrixView(buffer, shape, rows == 1 ? columns : (int) strides[0], false));
        }
        return strides.length == 2 && (rows == 1 || strides[0] == 1)
                ? Optional.of(new MatrixView(buffer, shape, columns == 1 ? rows : (int) strides[1], true))
                : Optional.empty();
    }

    Layout layout() {
        long[] dims = TensorLayout.dims(shape);
        long[] strides = transposed ? new long[] {1, stride} : new long[] {stride, 1};
        return Layout.strided(dims, strides);
    }
}
