package dev.fluxion.engine.catalogue;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.List;

/** Sums, maxima and the normalisations built on them. */
final class ReductionRows {
    private ReductionRows() {}

    static List<Row> rows() {
        return List.of(
                new Row("sum", d -> {
                    Expr x = d.input("x", d.shapeWithAxis());
                    return d.of(x.sumKeepDims(d.axes(x.shape())));
                }),
                new Row("max over axes", d -> {
                    Expr x = d.distinct("x", d.shapeWithAxis());
                    return d.of(x.maxKeepDims(d.axes(x.shape())));
                }),
                new Row("mean of all", d -> d.of(d.input("x", d.shape()).mean())),
                new Row("softmax", d -> {
                    Expr x = d.input("x", d.shapeWithAxis(), () -> d.number(-4, 4));
                    return d.of(x.softmax(axis(d, x.shape())));
                }),
                new Row("logSoftmax", d -> {
                    Expr x = d.input("x", d.shapeWithAxis(), () -> d.number(-4, 4));
                    return d.of(x.logSoftmax(axis(d, x.shape())));
                }));
    }

    private static int axis(Draw d, Shape shape) {
        return d.between(-shape.rank(), shape.rank() - 1);
    }
}
