package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import java.util.Optional;

/**
 * A matrix that a product reads as it lies: stored as it is or transposed, whole or a stretch of rows or columns.
 *
 * @param laid the matrix, in the layout in which it is read
 * @param stride how many elements its stored rows are apart
 * @param transposed whether its columns are stored, not its rows
 */
record MatrixView(Rule.Laid laid, int stride, boolean transposed) {
    /** A matrix as it lies. */
    static MatrixView of(Expr e, Facts facts) {
        return of(new Rule.Laid(e, facts.layouts().of(e))).orElseGet(() -> plain(e));
    }

    /** A matrix, or its copy, whose rows lie one behind the other. */
    static MatrixView plain(Expr e) {
        return of(Rule.Laid.plain(e)).orElseThrow();
    }

    private static Optional<MatrixView> of(Rule.Laid laid) {
        int rows = laid.value().shape().dim(0);
        int columns = laid.value().shape().dim(1);
        long[] strides = laid.layout().strides();
        if (strides.length == 2 && (columns == 1 || strides[1] == 1)) {
            return Optional.of(new MatrixView(laid, rows == 1 ? columns : (int) strides[0], false));
        }
        return strides.length == 2 && (rows == 1 || strides[0] == 1)
                ? Optional.of(new MatrixView(laid, columns == 1 ? rows : (int) strides[1], true))
                : Optional.empty();
    }

    /** How a kernel is told that the matrix lies. */
    Layout layout() {
        long[] dims = TensorLayout.dims(laid.value().shape());
        long[] strides = transposed ? new long[] {1, stride} : new long[] {stride, 1};
        return Layout.strided(dims, strides);
    }
}
