package dev.fluxion.ir.fn;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.Arrays;

/** Numbers in a row, on a diagonal, or in place of classes. */
public final class Creation {
    private Creation() {}

    /** The numbers from one on, in steps, up to but without another one: {@code arange(0, 1, 0.25)} is 0, ¼, ½, ¾. */
    public static Expr arange(double from, double to, double step) {
        double count = Math.ceil((to - from) / step);
        if (!(count >= 0 && count <= Integer.MAX_VALUE)) {
            throw new ShapeException(Errors.range(from, to, step));
        }
        Tensor numbers = Tensor.zeros((int) count);
        for (int i = 0; i < numbers.size(); i++) {
            numbers.floats()[i] = (float) (from + i * step);
        }
        return Expr.constant(numbers);
    }

    /** 1 where the row is the column, else 0. */
    public static Expr eye(int rows, int columns) {
        return Matrices.columnsBehind(rows, columns).eq(0);
    }

    /** For each of integers below {@code classes} a vector, along a new last axis, that is 1 at its place and else 0. */
    public static Expr oneHot(Expr index, int classes) {
        if (Given.require("oneHot", "the index", index).dtype() != DType.INT) {
            throw new ShapeException(Errors.notAnIndex("oneHot", index));
        }
        Expr isClass = index.ge(0).mul(index.lt(classes));
        Expr checked = index.require(isClass, Errors.classes(classes));
        Shape shape = index.shape();
        int[] dims = Arrays.copyOf(shape.dims(), shape.rank() + 1);
        dims[shape.rank()] = 1;
        return checked.reshape(Shape.of(dims)).eq(Expr.iota(classes));
    }
}
