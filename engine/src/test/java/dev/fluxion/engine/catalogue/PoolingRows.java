package dev.fluxion.engine.catalogue;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.List;

/** Pooling and its gradients. */
final class PoolingRows {
    private PoolingRows() {}

    static List<Row> rows() {
        return List.of(
                new Row("maxPool", d -> {
                    PoolSpec spec = spec(d);
                    return d.of(d.distinct("x", images(d, spec)).maxPool(spec));
                }),
                new Row("maxPoolGrad", d -> {
                    PoolSpec spec = spec(d);
                    Shape shape = images(d, spec);
                    Expr x = d.fixed("x", shape, () -> d.between(-4, 4));
                    Shape y = x.maxPool(spec).shape();
                    return d.of(new Expr(
                            new Pooling.MaxPoolGrad(spec), List.of(x, d.fixed("dy", y, () -> d.number(-2, 2)))));
                }),
                new Row("avgPool", d -> {
                    PoolSpec spec = spec(d);
                    return d.of(d.input("x", images(d, spec)).avgPool(spec));
                }),
                new Row("avgPoolGrad", d -> {
                    PoolSpec spec = spec(d);
                    Shape x = images(d, spec);
                    Shape y = Expr.input("x", x).avgPool(spec).shape();
                    return d.of(new Expr(new Pooling.AvgPoolGrad(spec, x), List.of(d.input("dy", y))));
                }));
    }

    /** Windows that lie apart, touch or overlap, padded or not. */
    private static PoolSpec spec(Draw d) {
        Size kernel = d.size(1, 3);
        Size pad = Size.of(d.between(0, kernel.h() / 2), d.between(0, kernel.w() / 2));
        return new PoolSpec(kernel, d.size(1, 4), pad);
    }

    private static Shape images(Draw d, PoolSpec spec) {
        return Shape.of(
                d.one(1, 1, 2),
                d.one(1, 3, 8, 17),
                Math.max(1, spec.kernel().h() - 2 * spec.pad().h()) + d.between(0, 3),
                Math.max(1, spec.kernel().w() - 2 * spec.pad().w()) + d.between(0, 3));
    }
}
