package dev.fluxion.engine.catalogue;

import dev.fluxion.ir.ArgSort;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Operators that move elements, by fixed places or by an index. */
final class MovementRows {
    private MovementRows() {}

    static List<Row> rows() {
        return List.of(
                new Row("reshape", MovementRows::reshape),
                new Row("transpose", d -> {
                    Expr x = d.input("x", d.shape());
                    return d.of(x.transpose(d.permutation(x.shape().rank())));
                }),
                new Row("broadcast", d -> {
                    Shape to = d.shape();
                    Expr x = d.input("x", d.stretchable(to));
                    return d.of(new Expr(new Movement.Broadcast(to), List.of(x)));
                }),
                new Row("slice", d -> {
                    Expr x = d.input("x", d.shapeWithAxis());
                    int axis = d.between(0, x.shape().rank() - 1);
                    int from = d.between(0, x.shape().dim(axis) - 1);
                    return d.of(
                            x.slice(axis, from, d.between(from + 1, x.shape().dim(axis))));
                }),
                new Row("slice of integers", d -> {
                    Expr x = d.index("x", d.shapeWithAxis(), 100);
                    return d.of(x.slice(-1, 0, d.between(1, x.shape().dim(-1))));
                }),
                new Row("pad", d -> {
                    Expr x = d.input("x", d.shapeWithAxis());
                    int axis = d.between(0, x.shape().rank() - 1);
                    return d.of(x.pad(axis, d.between(0, 2), d.between(1, 3), d.one(0.0, 0.0, 1.5, -3.0)));
                }),
                new Row("concat", MovementRows::concat),
                new Row("gather", MovementRows::gather),
                new Row("scatterAdd", MovementRows::scatterAdd),
                new Row("argSort", d -> {
                    Expr x = d.fixed("x", d.shapeWithAxis(), () -> d.between(-3, 3) * d.one(0.0, -0.0, 0.5, 9));
                    int axis = d.between(0, x.shape().rank() - 1);
                    return d.of(new Expr(new ArgSort(axis, d.coin()), List.of(x)));
                }),
                new Row("argSort of integers", d -> {
                    Expr x = d.index("x", d.shapeWithAxis(), d.one(4, 1 << 20));
                    int axis = d.between(0, x.shape().rank() - 1);
                    return d.of(new Expr(new ArgSort(axis, d.coin()), List.of(x)));
                }),
                new Row("sort", d -> {
                    Expr x = d.distinct("x", d.shapeWithAxis());
                    int axis = d.between(0, x.shape().rank() - 1);
                    return d.of(x.gather(axis, new Expr(new ArgSort(axis, d.coin()), List.of(x))));
                }),
                new Row("gather of rows", MovementRows::gatherRows),
                new Row("scatterAdd of rows", MovementRows::scatterRows),
                new Row("gather by a shared index", MovementRows::gatherShared),
                new Row("scatterAdd by a shared index", MovementRows::scatterShared));
    }

    private static Case reshape(Draw d) {
        Expr x = d.input("x", d.shape());
        List<Integer> dims = new ArrayList<>();
        int left = x.shape().size();
        for (int i = d.between(0, 4); i > 0; i--) {
            int extent = d.between(1, left);
            while (left % extent != 0) {
                extent--;
            }
            dims.add(extent);
            left /= extent;
        }
        if (left > 1 || d.coin()) {
            dims.add(left);
        }
        Shape to = Shape.of(dims.stream().mapToInt(i -> i).toArray());
        return d.of(new Expr(new Movement.Reshape(to), List.of(x)));
    }

    private static Case concat(Draw d) {
        Shape first = d.shape(d.between(1, 4), 60);
        int axis = d.between(0, first.rank() - 1);
        List<Expr> parts = new ArrayList<>();
        int count = d.between(2, 4);
        for (int i = 0; i < count; i++) {
            parts.add(d.input("x" + i, first.with(axis, d.one(1, 2, 3, 7))));
        }
        return d.of(Expr.concat(axis, parts));
    }

    private static Case gather(Draw d) {
        Expr x = d.input("x", d.shapeWithAxis());
        int axis = d.between(0, x.shape().rank() - 1);
        Expr index =
                d.index("i", x.shape().with(axis, d.one(1, 2, 3, 8)), x.shape().dim(axis));
        return d.of(x.gather(axis, index));
    }

    /** All that lies behind the axis has one index. */
    private static Expr index(Draw d, Shape shape, int axis, int extent) {
        int[] dims = shape.dims();
        Arrays.fill(dims, axis + 1, dims.length, 1);
        return d.index("i", Shape.of(dims), extent).broadcastTo(shape);
    }

    private static Case gatherRows(Draw d) {
        Expr x = d.input("x", d.shapeWithAxis());
        int axis = d.between(0, x.shape().rank() - 1);
        Shape shape = x.shape().with(axis, d.one(1, 2, 3, 8));
        return d.of(x.gather(axis, index(d, shape, axis, x.shape().dim(axis))));
    }

    /** All that lies before and behind the axis has one index. */
    private static Expr shared(Draw d, Shape shape, int axis, int extent) {
        int[] dims = new int[shape.rank()];
        Arrays.fill(dims, 1);
        dims[axis] = shape.dim(axis);
        return d.index("i", Shape.of(dims), extent).broadcastTo(shape);
    }

    private static Case gatherShared(Draw d) {
        Expr x = d.input("x", d.shapeWithAxis());
        int axis = d.between(0, x.shape().rank() - 1);
        Shape shape = x.shape().with(axis, d.one(1, 2, 3, 8));
        return d.of(x.gather(axis, shared(d, shape, axis, x.shape().dim(axis))));
    }

    private static Case scatterShared(Draw d) {
        Expr x = d.input("x", d.shapeWithAxis());
        int axis = d.between(0, x.shape().rank() - 1);
        int extent = d.one(1, 2, 3, 8);
        Op scatter = new Indexing.ScatterAdd(axis, extent);
        return d.of(new Expr(scatter, List.of(x, shared(d, x.shape(), axis, extent))));
    }

    private static Case scatterRows(Draw d) {
        Expr x = d.input("x", d.shapeWithAxis());
        int axis = d.between(0, x.shape().rank() - 1);
        int extent = d.one(1, 2, 3, 8);
        Op scatter = new Indexing.ScatterAdd(axis, extent);
        return d.of(new Expr(scatter, List.of(x, index(d, x.shape(), axis, extent))));
    }

    private static Case scatterAdd(Draw d) {
        Expr x = d.input("x", d.shapeWithAxis());
        int axis = d.between(0, x.shape().rank() - 1);
        int extent = d.one(1, 2, 3, 8);
        Expr index = d.index("i", x.shape(), extent);
        return d.of(new Expr(new Indexing.ScatterAdd(axis, extent), List.of(x, index)));
    }
}
