package dev.fluxion.dsl.layer;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.function.UnaryOperator;

/**
 * Scaled dot-product attention (Vaswani et al., "Attention is all you need", 2017): softmax(q·kᵀ/√D + bias)·v for each sample and
 * head. Queries are N×T×H×D, keys and values N×S×G×D, where neighbouring queries' heads share one of G; the result is N×T×H×D.
 */
final class Attention {
    private Attention() {}

    /**
     * Attention to all keys, or to those that are not behind the query.
     *
     * @param dropout what becomes of the weights N×H×T×S
     */
    static Expr of(Expr q, Expr k, Expr v, boolean causal, UnaryOperator<Expr> dropout) {
        int heads = q.shape().dim(2);
        Expr queries = q.mul(1 / Math.sqrt(q.shape().dim(-1))).transpose(0, 2, 1, 3);
        Expr logits = queries.matmul(heads(k, heads).transpose(0, 2, 3, 1));
        Expr weights = (causal ? logits.add(future(q.shape().dim(1), k.shape().dim(1))) : logits).softmax(-1);
        return dropout.apply(weights)
                .matmul(heads(v, heads).transpose(0, 2, 1, 3))
                .transpose(0, 2, 1, 3);
    }

    /** −∞ where a key is behind the query. */
    private static Expr future(int queries, int keys) {
        Expr row = Expr.iota(queries).reshape(queries, 1);
        Expr isBehind = Expr.iota(keys)
                .reshape(1, keys)
                .broadcastTo(Shape.of(queries, keys))
                .gt(row);
        return isBehind.where(Expr.constant(Double.NEGATIVE_INFINITY), Expr.constant(0));
    }

    /** Each of the shared heads as often as queries read it. */
    private static Expr heads(Expr x, int heads) {
        Shape shape = x.shape();
        int own = shape.dim(2);
        Shape single = Shape.of(shape.dim(0), shape.dim(1), own, 1, shape.dim(3));
        return own == heads
                ? x
                : x.reshape(single).broadcastTo(single.with(3, heads / own)).reshape(shape.with(2, heads));
    }
}
