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
import java.util.stream.Stream;

/**
 * What hides keys from the queries of an attention, by names in a scope.
 *
 * @param scope knows the values
 * @param hides the names of what hides keys
 * @param sight which keys queries see anyway
 */
record Masks(Scope scope, MultiHeadAttention.Hides hides, Sight sight) {
    private static final double HIDES = Double.NEGATIVE_INFINITY;

    /**
     * What is added to the logits N×H×T×S of queries N×T×H×D and keys N×S×H×D: one value, or none. A run in which a query sees no
     * key fails.
     */
    List<Expr> of(Shape q, Shape k) {
        Shape logits = Shape.of(q.dim(0), q.dim(2), q.dim(1), k.dim(1));
        List<Expr> told = told(logits);
        List<Expr> all = new ArrayList<>();
        if (!hides.padding().isEmpty()) {
            all.add(seen(padded(logits), told, hides.padding()));
        }
        if (!hides.mask().isEmpty()) {
            all.add(seen(added(spread(scope.value(hides.mask()), logits), hides.mask()), told, hides.mask()));
        }
        List<Expr> given = all.size() < 2
                ? all
                : List.of(seen(all.get(0).add(all.get(1)), told, hides.padding() + "' and '" + hides.mask()));
        return told.isEmpty() || given.isEmpty()
                ? Stream.concat(told.stream(), given.stream()).toList()
                : List.of(given.get(0).add(told.get(0)));
    }

    /** What hides as positions of a session tell, 1×1×T×S, if they do. */
    private List<Expr> told(Shape logits) {
        return switch (sight) {
            case ALL, EARLIER -> List.of();
            case UP_TO_POSITION -> List.of(upToPosition(logits));
            case KEPT -> List.of(kept(logits));
        };
    }

    /** What is padded, N×1×1×S. */
    private Expr padded(Shape logits) {
        Expr given = scope.history("padding", added(scope.value(hides.padding()), hides.padding()));
        Shape expected = Shape.of(logits.dim(0), logits.dim(3));
        if (!given.shape().equals(expected)) {
            throw new ShapeException(Errors.notPadding(hides.padding(), expected, given.shape()));
        }
        return given.reshape(logits.with(1, 1).with(2, 1));
    }

    /** What hides of keys that are there as a whole those behind the position of a query. */
    private Expr upToPosition(Shape logits) {
        Shape all = Shape.of(logits.dim(2), logits.dim(3));
        Expr position = scope.positions().reshape(all.with(1, 1)).broadcastTo(all);
        Expr key = Expr.iota(all.dim(1)).reshape(all.with(0, 1)).broadcastTo(all);
        return key.gt(position)
                .where(Expr.constant(HIDES), Expr.constant(0))
                .reshape(logits.with(0, 1).with(1, 1));
    }

    /** What hides where keys go on: earlier ones that are not there, and of those of now the ones behind a query. */
    private Expr kept(Shape logits) {
        int queries = logits.dim(2);
        int room = logits.dim(3) - queries;
        Shape earlier = Shape.of(1, 1, queries, room);
        Expr there = Expr.iota(room).lt(scope.positions().slice(0, 0, 1).broadcastTo(Shape.of(room)));
        Expr kept = there.where(Expr.constant(0), Expr.constant(HIDES)).reshape(1, 1, 1, room);
        Expr own = Attention.seen(Expr.constant(0).broadcastTo(earlier.with(3, queries)));
        return Expr.concat(3, List.of(kept.broadcastTo(earlier), own));
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
            throw new ShapeException(Errors.notMask(hides.mask(), logits, given.shape()));
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
    private Expr seen(Expr added, List<Expr> told, String name) {
        Expr best = visible(added, told).maxKeepDims(3);
        int[] several = IntStream.range(0, 3)
                .map(axis ->
                        axis == 0 || best.shape().dim(axis) > 1 ? best.shape().dim(axis) : 0)
                .filter(n -> n > 0)
                .toArray();
        Expr counted = best.reshape(several);
        Expr checked = counted.require(counted.gt(HIDES), Errors.hidesAll(name, sight != Sight.ALL));
        return added.add(checked.mul(0).reshape(best.shape()));
    }

    /** The mask without the keys that are hidden anyway. */
    private Expr visible(Expr added, List<Expr> told) {
        boolean alike = added.shape().dim(2) == 1;
        return switch (sight) {
            case ALL -> added;
            case EARLIER -> alike ? added.slice(3, 0, 1) : Attention.seen(added);
            case UP_TO_POSITION, KEPT -> added.add(told.get(0));
        };
    }
}
