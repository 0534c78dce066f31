package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.ir.Attention;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.ArrayList;
import java.util.List;

/**
 * What hides keys from the queries of an attention, by names in a scope.
 *
 * @param scope knows the values
 * @param padding the name of what hides keys of samples, N×S, empty for none
 * @param mask the name of what hides keys from queries, empty for none
 * @param isCausal whether queries see no keys behind them anyway
 */
record Masks(Scope scope, String padding, String mask, boolean isCausal) {
    private static final double HIDES = Double.NEGATIVE_INFINITY;

    /**
     * What is added to the logits N×H×T×S of queries N×T×H×D and keys N×S×H×D: one value, or none. A run in which a query sees no
     * key fails.
     */
    List<Expr> of(Shape q, Shape k) {
        Shape logits = Shape.of(q.dim(0), q.dim(2), q.dim(1), k.dim(1));
        List<Expr> all = new ArrayList<>();
        if (!padding.isEmpty()) {
            Expr given = scope.value(padding);
            Shape expected = Shape.of(logits.dim(0), logits.dim(3));
            if (!given.shape().equals(expected)) {
                throw new ShapeException(Errors.notPadding(padding, expected, given.shape()));
            }
            all.add(seen(added(given, padding).reshape(logits.with(1, 1).with(2, 1)), padding));
        }
        if (!mask.isEmpty()) {
            all.add(seen(added(spread(scope.value(mask), logits), mask), mask));
        }
        return all.size() < 2 ? all : List.of(seen(all.get(0).add(all.get(1)), padding + "' and '" + mask));
    }

    /** The mask with an axis for each of those of logits. */
    private Expr spread(Expr given, Shape logits) {
        int samples = logits.dim(0);
        int queries = logits.dim(2);
        int keys = logits.dim(3);
        Shape expected =
                switch (given.shape().rank()) {
                    case 2 -> Shape.of(queries, keys);
                    case 3 -> Shape.of(samples, queries, keys);
                    default -> logits;
                };
        if (!given.shape().equals(expected)) {
            throw new ShapeException(Errors.notMask(mask, logits, given.shape()));
        }
        return given.reshape(
                given.shape().rank() == 4
                        ? logits
                        : Shape.of(given.shape().rank() == 2 ? 1 : samples, 1, queries, keys));
    }

    /** Integers hide where they are not 0; of floats, +∞ would make all weights of its query NaN. */
    private static Expr added(Expr mask, String name) {
        return mask.dtype() == DType.INT
                ? mask.ne(0).where(Expr.constant(HIDES), Expr.constant(0))
                : mask.require(mask.lt(Double.POSITIVE_INFINITY), Errors.maskTooLarge(name));
    }

    /** The mask, if each query sees a key. */
    private Expr seen(Expr added, String name) {
        Expr visible = !isCausal ? added : added.shape().dim(2) == 1 ? added.slice(3, 0, 1) : Attention.seen(added);
        Expr best = visible.maxKeepDims(3);
        Expr checked = best.require(best.gt(HIDES), Errors.hidesAll(name, isCausal));
        return added.add(checked.mul(0));
    }
}
