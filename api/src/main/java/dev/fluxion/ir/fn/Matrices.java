package dev.fluxion.ir.fn;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;

/** Functions of matrices, which lie along the last two axes, and sums of products. */
public final class Matrices {
    private Matrices() {}

    /** The elements on and below a diagonal, 0 elsewhere; diagonal 0 is the main one, 1 the one above it, −1 the one below. */
    public static Expr tril(Expr x, int diagonal) {
        return kept(x, behind("tril", x).le(diagonal));
    }

    /** The elements on and above a diagonal, 0 elsewhere; diagonal 0 is the main one, 1 the one above it, −1 the one below. */
    public static Expr triu(Expr x, int diagonal) {
        return kept(x, behind("triu", x).ge(diagonal));
    }

    /**
     * Sums of products by Einstein's rule, as {@code einsum("bij,bjk->bik", x, y)}: a letter for each axis, axes of one letter go together,
     * and those that the result does not have are summed. Without {@code ->}, the result has the letters that occur once, in alphabetical
     * order. Three dots stand for further axes, which broadcast.
     *
     * @throws ShapeException if the equation and the operands do not fit
     */
    public static Expr einsum(String equation, Expr... operands) {
        Given.require("einsum", "the equation", equation);
        return Einsum.of(equation, Given.all("einsum", "an operand", operands));
    }

    private static Expr kept(Expr x, Expr condition) {
        return condition.where(x, x.dtype() == DType.INT ? Expr.constant(0).toInt() : Expr.constant(0));
    }

    private static Expr behind(String function, Expr x) {
        Shape shape = Axes.given(function, x).shape();
        if (shape.rank() < 2) {
            throw new ShapeException(Errors.noMatrix(shape));
        }
        return columnsBehind(shape.dim(-2), shape.dim(-1));
    }

    /** How far each column is behind its row. */
    static Expr columnsBehind(int rows, int columns) {
        return Expr.iota(columns).sub(Expr.iota(rows).reshape(rows, 1));
    }
}
