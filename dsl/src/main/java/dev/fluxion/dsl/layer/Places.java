package dev.fluxion.dsl.layer;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.Arrays;
import java.util.List;

/** Elements at fixed places along an axis, the same for all that lies before and behind it. */
final class Places {
    /** More places along an axis are refused. */
    private static final int MOST = 1 << 24;

    private Places() {}

    /** The number of places, if there may be so many. */
    static int count(long places, int axis, Shape input) {
        if (places > MOST) {
            throw new ShapeException(Errors.tooManyPlaces(MOST, places, axis, input));
        }
        return (int) places;
    }

    /** Requires images with rows and columns. */
    static void requirePlaces(Shape input) {
        for (int axis = 2; axis < 4; axis++) {
            if (input.dim(axis) == 0) {
                throw new ShapeException(Errors.noPlaces(axis, input));
            }
        }
    }

    /** The elements at the places that an index names. */
    static Expr along(Expr x, int axis, int[] index) {
        boolean isAll = index.length == x.shape().dim(axis);
        for (int i = 0; i < index.length && isAll; i++) {
            isAll = index[i] == i;
        }
        if (isAll) {
            return x;
        }
        Tensor places = Tensor.of(index, alone(x.shape(), axis, index.length));
        return x.gather(axis, Expr.constant(places).broadcastTo(x.shape().with(axis, index.length)));
    }

    /** Zeros, and each element added at the place that an index names: the opposite of {@link #along}. */
    static Expr added(Expr x, int axis, int[] index, int extent) {
        Tensor places = Tensor.of(index, alone(x.shape(), axis, index.length));
        Expr all = Expr.constant(places).broadcastTo(x.shape());
        return new Expr(new Indexing.ScatterAdd(axis, extent), List.of(x, all));
    }

    /** Numbers beside a tensor, one for each place along an axis. */
    static Expr numbers(Shape shape, int axis, float[] values) {
        return Expr.constant(Tensor.of(values, alone(shape, axis, values.length)));
    }

    private static Shape alone(Shape shape, int axis, int extent) {
        int[] dims = new int[shape.rank()];
        Arrays.fill(dims, 1);
        dims[axis] = extent;
        return Shape.of(dims);
    }
}
