package dev.fluxion.engine;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;

/**
 * A matrix that a product reads as it lies: stored as it is or transposed.
 *
 * @param buffer where its first number lies
 * @param shape its shape
 * @param stride how many elements its stored rows are apart
 * @param transposed whether its columns are stored, not its rows
 */
record Operand(Buffer buffer, Shape shape, int stride, boolean transposed) {
    /** Transposes, and rows of transposes, are not copied. */
    static Operand of(Lowering lowering, Expr e) {
        if (isRowsOfTranspose(e)) {
            Movement.Slice rows = (Movement.Slice) e.op();
            return stored(lowering, e.input(0).input(0), e.shape(), true).from(rows.from());
        }
        return e.op() instanceof Movement.Transpose
                ? stored(lowering, e.input(0), e.shape(), true)
                : stored(lowering, e, e.shape(), false);
    }

    private static Operand stored(Lowering lowering, Expr matrix, Shape shape, boolean transposed) {
        return new Operand(lowering.plain(matrix), shape, matrix.shape().dim(1), transposed);
    }

    /** Whether an expression is a stretch of the rows of a transposed matrix. */
    static boolean isRowsOfTranspose(Expr e) {
        return e.op() instanceof Movement.Slice slice
                && slice.axis() == 0
                && e.shape().rank() == 2
                && e.input(0).op() instanceof Movement.Transpose;
    }

    Layout layout() {
        long[] dims = Lowering.dims(shape);
        long[] strides = transposed ? new long[] {1, stride} : new long[] {stride, 1};
        return Layout.strided(dims, strides);
    }

    private Operand from(int element) {
        Buffer part = buffer.part("rows", () -> (long) element * Float.BYTES, layout());
        return new Operand(part, shape, stride, transposed);
    }
}
