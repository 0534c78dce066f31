package dev.fluxion.dsl.layer;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.TableRule;
import java.util.Arrays;
import java.util.List;

/** Elements at fixed places along an axis, the same for all that lies before and behind it. */
final class Places {
    /** More places along an axis are refused. */
    private static final int MOST = Leaf.Table.MOST;

    private Places() {}

    /** The number of places, if there may be so many. */
    static int count(long places, int axis, Shape input) {
        if (places > MOST) {
            throw new ShapeException(Errors.tooManyPlaces(MOST, places, axis, input));
        }
        return (int) places;
    }

    /** Requires an element along each of the axes that windows move along. */
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

    /** The elements at the places that a rule names. */
    static Expr along(Expr x, int axis, double scale, TableRule rule, int... numbers) {
        Expr table = table(x.shape(), axis, scale, rule, numbers);
        return x.gather(
                axis, table.broadcastTo(x.shape().with(axis, table.shape().dim(axis))));
    }

    /** What a rule says beside a tensor, along an axis. */
    static Expr table(Shape shape, int axis, double scale, TableRule rule, int... numbers) {
        List<Integer> all = Arrays.stream(numbers).boxed().toList();
        return new Expr(new Leaf.Table(rule, all, scale, axis, shape.rank()), List.of());
    }

    /** Zeros, and each element added at the place that a rule names: the opposite of {@link #along}. */
    static Expr added(Expr x, int axis, int extent, TableRule rule, int... numbers) {
        Expr all = table(x.shape(), axis, 0, rule, numbers).broadcastTo(x.shape());
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
