package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.ir.Attention;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

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
        if (isCausal && logits.dim(2) < logits.dim(3)) {
            return List.of(continued(logits));
        }
        List<Expr> all = new ArrayList<>();
        if (!padding.isEmpty()) {
            all.add(seen(padded(logits), padding));
        }
        if (!mask.isEmpty()) {
            all.add(seen(added(spread(scope.value(mask), logits), mask), mask));
        }
        return all.size() < 2 ? all : List.of(seen(all.get(0).add(all.get(1)), padding + "' and '" + mask));
    }

    /** What is padded, N×1×1×S. */
    private Expr padded(Shape logits) {
        Expr given = scope.history("padding", added(scope.value(padding), padding));
        Shape expected = Shape.of(logits.dim(0), logits.dim(3));
        if (!given.shape().equals(expected)) {
            throw new ShapeException(Errors.notPadding(padding, expected, given.shape()));
        }
        return given.reshape(logits.with(1, 1).with(2, 1));
    }

    /** What hides where a session goes on: earlier keys that are not there, and of those of now the ones behind a query. */
    private Expr continued(Shape logits) {
        int queries = logits.dim(2);
        int room = logits.dim(3) - queries;
        Shape earlier = Shape.of(1, 1, queries, room);
        Expr there = Expr.iota(room).lt(scope.positions().slice(0, 0, 1).broadcastTo(Shape.of(room)));
        Expr kept = there.where(Expr.constant(0), Expr.constant(HIDES)).reshape(1, 1, 1, room);
        Expr own = Attention.seen(Expr.constant(0).broadcastTo(earlier.with(3, queries)));
        Expr all = Expr.concat(3, List.of(kept.broadcastTo(earlier), own));
        if (padding.isEmpty()) {
            return all;
        }
        Expr both = padded(logits).add(all);
        return checked(both, both, padding);
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
        boolean alike = added.shape().dim(2) == 1;
        return checked(added, !isCausal ? added : alike ? added.slice(3, 0, 1) : Attention.seen(added), name);
    }

    private Expr checked(Expr added, Expr visible, String name) {
        Expr best = visible.maxKeepDims(3);
        int[] several = IntStream.range(0, 3)
                .map(axis ->
                        axis == 0 || best.shape().dim(axis) > 1 ? best.shape().dim(axis) : 0)
                .filter(n -> n > 0)
                .toArray();
        Expr counted = best.reshape(several);
        Expr checked = counted.require(counted.gt(HIDES), Errors.hidesAll(name, isCausal));
        return added.add(checked.mul(0).reshape(best.shape()));
    }
}
