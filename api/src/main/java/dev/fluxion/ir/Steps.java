package dev.fluxion.ir;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Steps of sequences whose lengths may differ. */
final class Steps {
    private Steps() {}

    /** For each sequence, N×1, whether it has a step; 1 if there are no lengths. */
    static Expr isThere(List<Expr> lengths, int t) {
        return lengths.isEmpty()
                ? Expr.constant(1)
                : lengths.get(0).gt(t).reshape(lengths.get(0).shape().dim(0), 1);
    }

    /** Values of the sequences that have a step, zeros of the others. */
    static Expr orZero(Expr there, Expr value) {
        return chosen(there, value, Expr.constant(0));
    }

    /** Some values for the sequences that have a step, and others for the others. */
    static List<Expr> chosen(Expr there, List<Expr> then, List<Expr> otherwise) {
        return IntStream.range(0, then.size())
                .mapToObj(i -> chosen(there, then.get(i), otherwise.get(i)))
                .toList();
    }

    private static Expr chosen(Expr there, Expr then, Expr otherwise) {
        return there.op() instanceof Leaf.Constant ? then : there.where(then, otherwise);
    }

    /** Values N×… of all steps as one: N×T×…. */
    static Expr stacked(Expr... steps) {
        return Expr.concat(
                1,
                Arrays.stream(steps)
                        .map(e -> e.reshape(e.shape().dim(0), 1, e.shape().dim(1)))
                        .toList());
    }
}
