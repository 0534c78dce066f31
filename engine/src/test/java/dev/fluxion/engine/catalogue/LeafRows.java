package dev.fluxion.engine.catalogue;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.TableRule;
import java.util.List;
import java.util.stream.IntStream;

/** Leaves and markers. */
final class LeafRows {
    private LeafRows() {}

    private static Tensor tensor(Draw d, Shape shape) {
        float[] data = new float[shape.size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) d.number(-2, 2);
        }
        return Tensor.of(data, shape);
    }

    static List<Row> rows() {
        return List.of(
                new Row("input", d -> d.of(d.input("x", d.shape()))),
                new Row("parameter", d -> {
                    Expr x = d.input("w", d.shape());
                    return d.of(Expr.parameter("w", x.shape()));
                }),
                new Row("buffer", d -> {
                    Expr x = d.input("b", d.shape());
                    return d.of(Expr.buffer("b", x.shape()));
                }),
                new Row("kept", d -> {
                    Expr w = Expr.parameter("w", d.input("w", d.shape()).shape());
                    return d.of(w.add(Expr.kept(Slot.optimizer("m", "w"), w.shape())));
                }),
                new Row("constant", d -> d.of(Expr.constant(d.number(-2, 2)))),
                new Row("constant tensor", d -> d.of(Expr.constant(tensor(d, d.shape())))),
                new Row("constant tensor by x", d -> {
                    Expr x = d.input("x", d.shape());
                    return d.of(x.mul(Expr.constant(tensor(d, x.shape()))));
                }),
                new Row("constant integers", d -> {
                    Shape shape = d.shape();
                    int[] data = IntStream.generate(() -> d.between(-9, 9))
                            .limit(shape.size())
                            .toArray();
                    return d.of(Expr.constant(Tensor.of(data, shape)));
                }),
                new Row("table", d -> {
                    TableRule rule = TableRule.values()[d.between(0, TableRule.values().length - 1)];
                    int to = d.between(1, 30);
                    List<Integer> numbers = rule.name().matches("REFLECTED|WRAPPED|REPEATED")
                            ? List.of(to, d.between(0, 3), d.between(0, 3))
                            : rule == TableRule.WINDOWS
                                    ? List.of(to, d.between(1, 3), d.between(1, 3), d.between(1, 3))
                                    : rule.name().startsWith("NEAREST")
                                            ? List.of(d.between(1, 30), to)
                                            : List.of(d.between(1, 30), to, d.between(0, 1));
                    return d.of(new Expr(new Leaf.Table(rule, numbers, 0, d.between(0, 2), 3), List.of()));
                }),
                new Row("iota", d -> d.of(Expr.iota(d.between(1, 40)))),
                new Row("uniform", d -> d.of(Expr.uniform(d.between(0, 9), d.shape()))),
                new Row("stopGradient", d -> {
                    Expr x = d.input("x", d.shape());
                    return d.of(
                            x.mul(d.fixed("y", x.shape(), () -> d.number(-2, 2)).stopGradient()));
                }),
                new Row("require", d -> {
                    Expr x = d.input("x", d.shape());
                    return d.of(x.require(x.lt(9), "x must be below 9"));
                }));
    }
}
