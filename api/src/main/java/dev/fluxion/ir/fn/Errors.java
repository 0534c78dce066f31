package dev.fluxion.ir.fn;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;

/** Every message of this package. */
final class Errors {
    private Errors() {}

    static String extent(String name, Shape shape, int axis, int most) {
        return name + " of " + shape + ": expected an extent from 1 to " + most + " along axis " + axis + " but it is "
                + shape.dim(axis);
    }

    static String tooFew(int k, int axis, Shape shape) {
        return "topK of " + shape + ": expected k from 0 to the extent of axis " + axis + ", " + shape.dim(axis)
                + ", but it is " + k;
    }

    static String notAnIndex(String name, Expr index) {
        return name + ": expected integers as the index but got floating-point numbers " + index.shape();
    }

    static String slice(int axis, int from, int to, int step, Shape shape) {
        return "slice of " + shape + ": expected a range inside axis " + axis + ", whose extent is " + shape.dim(axis)
                + ", and a step that goes from its first to its last but got from " + from + " to " + to + " by "
                + step;
    }

    static String exponent(double p) {
        return "norm: the exponent must be at least 1 but is " + p;
    }

    static String tooManyTimes(int times, int extent) {
        return "tile needs extents of at most 2147483647 but would repeat " + extent + " elements " + times + " times";
    }

    static String times(int times) {
        return "tile: expected numbers of at least 0 but got " + times;
    }

    static String range(double from, double to, double step) {
        return "arange: expected a step from " + from + " towards " + to + " but it is " + step;
    }

    static String classes(int classes) {
        return "oneHot: classes must be from 0 to " + (classes - 1);
    }

    static String noMatrix(Shape shape) {
        return "tril and triu: expected matrices along the last two axes but got " + shape;
    }

    static String places(String name, int extent) {
        return "scatter " + name + ": indices must be from 0 to " + (extent - 1);
    }

    static String scatter(String name, int axis, Expr x, Expr index, Expr source) {
        return "scatter " + name
                + ": expected integers as the index and floating-point numbers as the source, both of the shape "
                + x.shape() + " but for axis " + axis + ", but got the index " + index.dtype() + " " + index.shape()
                + ", the source " + source.dtype() + " " + source.shape() + " and " + x.dtype() + " " + x.shape();
    }

    static String equation(String equation, String expected) {
        return "einsum(\"" + equation + "\"): expected " + expected;
    }
}
