package dev.fluxion.engine.catalogue;

import dev.fluxion.ir.Attention;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;

/** Attention and its gradients. */
final class AttentionRows {
    private AttentionRows() {}

    static List<Row> rows() {
        return List.of(
                new Row("attention", d -> d.of(attention(d, false, 0))).by("attention"),
                new Row("causalAttention", d -> d.of(attention(d, true, 0))).by("attention"),
                new Row("attention with dropout", d -> d.of(attention(d, d.coin(), d.one(1, 2) / 4.0))).by("attention"),
                new Row("attentionGradient", d -> d.of(gradient(d, false, 0))).by("attention"),
                new Row("causalAttentionGradient", d -> d.of(gradient(d, true, 0))).by("attention"),
                new Row("attentionGradient with dropout", d -> d.of(gradient(d, d.coin(), d.one(1, 2) / 4.0)))
                        .by("attention"),
                new Row("draws", d -> {
                    Shape pairs = d.coin() ? Shape.of(2) : Shape.of(d.between(1, 4), d.between(1, 3), 2);
                    return d.of(
                            d.input("x", Shape.of(3)).sum().mul(seeds(d, pairs).draws(d.between(1, 20))));
                }));
    }

    private static Expr attention(Draw d, boolean isCausal, double dropout) {
        List<Expr> all = operands(d);
        List<Expr> masks = all.subList(3, all.size());
        return dropout == 0
                ? all.get(0).attention(all.get(1), all.get(2), masks, isCausal)
                : all.get(0).attention(all.get(1), all.get(2), masks, isCausal, dropout, seeds(d, all));
    }

    private static Expr seeds(Draw d, List<Expr> operands) {
        Shape q = operands.get(0).shape();
        return seeds(d, Shape.of(q.dim(0), q.dim(2), q.dim(1), 2));
    }

    /** What draws has no gradient. */
    private static Expr seeds(Draw d, Shape shape) {
        return d.fixed("seeds", shape, () -> d.number(0, 1));
    }

    private static Expr gradient(Draw d, boolean isCausal, double dropout) {
        List<Expr> operands = operands(d);
        Shape q = operands.get(0).shape();
        Expr g = d.input("g", q.with(3, operands.get(2).shape().dim(3)));
        Expr common = d.input("common", Shape.of(q.dim(0), q.dim(2), q.dim(1), 1), () -> d.number(-1, 1));
        List<Expr> all = new ArrayList<>(List.of(g, common));
        all.addAll(operands);
        if (dropout > 0) {
            all.add(seeds(d, operands));
        }
        Expr back = new Expr(new Attention.Gradient(isCausal, dropout), all);
        return back.add(back.result(1).sumKeepDims(1)).add(back.result(2).sumKeepDims(1, 3));
    }

    /** Queries, keys, values, and in half of the cases a mask. */
    private static List<Expr> operands(Draw d) {
        int samples = d.one(1, 2, 4);
        int queries = d.one(1, 3, 6, 7, 8);
        int keys = d.coin() ? queries : d.one(1, 4, 5, 9);
        int heads = d.one(1, 2, 4);
        int size = d.one(1, 2, 4);
        List<Expr> all = new ArrayList<>(List.of(
                d.input("q", Shape.of(samples, queries, heads, size), () -> d.number(-1, 1)),
                d.input("k", Shape.of(samples, keys, heads, size), () -> d.number(-1, 1)),
                d.input("v", Shape.of(samples, keys, heads, d.one(1, 2, 4)), () -> d.number(-1, 1))));
        if (d.coin()) {
            all.add(d.input("mask", Shape.of(one(d, samples), one(d, heads), one(d, queries), keys)));
        }
        return all;
    }

    private static int one(Draw d, int extent) {
        return d.coin() ? 1 : extent;
    }
}
