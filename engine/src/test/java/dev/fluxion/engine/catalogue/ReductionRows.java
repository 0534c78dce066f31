package dev.fluxion.engine.catalogue;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.GroupNormalisation;
import dev.fluxion.ir.LayerNormalisation;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Standardise;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

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
                        })
                        .by("softmax"),
                new Row("logSoftmax", d -> {
                    Expr x = d.input("x", d.shapeWithAxis(), () -> d.number(-4, 4));
                    return d.of(x.logSoftmax(axis(d, x.shape())));
                }),
                new Row("moments", d -> {
                    Expr x = d.input("x", d.shapeWithAxis());
                    Expr mean = x.moments(d.axes(x.shape()));
                    return d.of(d.coin() ? mean.add(mean.result(1)) : d.coin() ? mean : mean.result(1));
                }),
                new Row("standardise", d -> {
                    Shape x = d.shapeWithAxis();
                    Shape statistic = x.keeping(d.axes(x));
                    return d.of(d.input("x", x)
                            .standardise(
                                    d.input("mean", statistic),
                                    d.input("scale", statistic),
                                    d.input("shift", statistic)));
                }),
                new Row("standardiseSums", d -> {
                    Shape x = d.shapeWithAxis();
                    Shape statistic = x.keeping(d.axes(x));
                    Expr sums = new Expr(
                            new Standardise.Sums(),
                            List.of(d.input("g", x), d.input("x", x), d.input("mean", statistic)));
                    return d.of(sums.add(sums.result(1)));
                }),
                new Row("layerNorm", d -> d.of(layerNorm(d))).by("layer-norm").withAnyRank(0),
                new Row("layerNorm and its statistics", d -> {
                            Expr y = layerNorm(d);
                            return d.of(y.mul(y.result(1)).sub(y.result(2)));
                        })
                        .by("layer-norm")
                        .withAnyRank(0),
                new Row("layerNormGradient", d -> {
                            Shape x = d.shapeWithAxis();
                            Shape row = row(d, x);
                            Shape statistic = x.keeping(IntStream.range(x.rank() - row.rank(), x.rank())
                                    .toArray());
                            Expr gradient = new Expr(
                                    new LayerNormalisation.Gradient(),
                                    List.of(
                                            d.input("g", x),
                                            d.input("x", x, () -> d.number(-1, 1)),
                                            d.input("mean", statistic, () -> d.number(-1, 1)),
                                            d.input("inverse", statistic, () -> d.number(0.5, 1)),
                                            d.input("weight", row)));
                            return d.of(gradient.add(gradient.result(1)).add(gradient.result(2)));
                        })
                        .by("layer-norm")
                        .withAnyRank(4),
                new Row("groupNorm", d -> d.of(groupNorm(d, images(d)))).withAnyRank(0),
                new Row("groupNorm and its statistics", d -> {
                            Expr y = groupNorm(d, images(d));
                            return d.of(y.mean().add(y.result(1).mul(y.result(2))));
                        })
                        .withAnyRank(0),
                new Row("groupNormGradient", d -> {
                    Shape x = images(d);
                    Shape statistic = Shape.of(x.dim(0), x.dim(1) / 2);
                    Expr gradient = new Expr(
                            new GroupNormalisation.Gradient(statistic.dim(1)),
                            List.of(
                                    d.input("g", x),
                                    d.input("x", x, () -> d.number(-1, 1)),
                                    d.input("mean", statistic, () -> d.number(-1, 1)),
                                    d.input("inverse", statistic, () -> d.number(0.5, 1)),
                                    d.input("weight", Shape.of(x.dim(1)))));
                    Expr channels = gradient.result(1).mul(2).add(gradient.result(2));
                    return d.of(gradient.add(channels.reshape(x.keeping(0, 2, 3))));
                }));
    }

    /** Samples of pairs of channels. */
    private static Shape images(Draw d) {
        return Shape.of(d.between(1, 5), 2 * d.between(1, 3), d.between(1, 4), d.between(1, 3));
    }

    private static Expr groupNorm(Draw d, Shape x) {
        int groups = d.coin() ? 1 : x.dim(1) / 2;
        return d.input("x", x)
                .groupNorm(
                        groups,
                        d.input("weight", Shape.of(x.dim(1))),
                        d.input("bias", Shape.of(x.dim(1))),
                        d.one(1, 2) / 8.0);
    }

    private static Expr layerNorm(Draw d) {
        Shape x = d.shapeWithAxis();
        Shape row = row(d, x);
        return d.input("x", x).layerNorm(d.input("weight", row), d.input("bias", row), d.one(1, 2) / 8.0);
    }

    /** The last axes of a shape, one or more. */
    private static Shape row(Draw d, Shape x) {
        int[] dims = x.dims();
        return Shape.of(Arrays.copyOfRange(dims, d.between(0, dims.length - 1), dims.length));
    }

    private static int axis(Draw d, Shape shape) {
        return d.between(-shape.rank(), shape.rank() - 1);
    }
}
