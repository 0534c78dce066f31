package dev.fluxion.ir.fn;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/** What functions do with axes. */
final class Axes {
    private Axes() {}

    /** An expression, if it is not null. */
    static Expr given(String function, Expr x) {
        return Given.require(function, "the expression", x);
    }

    /** The given axes, or all of an expression if none are given. */
    static int[] all(Expr x, int... axes) {
        return Given.require("Reductions", "the axes", axes).length == 0
                ? IntStream.range(0, x.shape().rank()).toArray()
                : axes;
    }

    /** The given axes as one, behind the others. */
    static Expr merged(Expr x, int... axes) {
        Shape shape = x.shape();
        int[] last = Arrays.stream(axes).map(shape::axis).sorted().distinct().toArray();
        IntStream first = IntStream.range(0, shape.rank()).filter(a -> Arrays.binarySearch(last, a) < 0);
        int[] order = IntStream.concat(first, Arrays.stream(last)).toArray();
        int size = Arrays.stream(last).map(shape::dim).reduce(1, (a, b) -> a * b);
        int[] dims = IntStream.concat(Arrays.stream(shape.without(last).dims()), IntStream.of(size))
                .toArray();
        return x.transpose(order).reshape(Shape.of(dims));
    }

    /** A vector along an axis of a shape, beside axes of extent 1. */
    static Expr along(Expr vector, int axis, Shape shape) {
        int[] dims = new int[shape.rank()];
        Arrays.fill(dims, 1);
        dims[shape.axis(axis)] = vector.shape().size();
        return vector.reshape(Shape.of(dims));
    }
}
