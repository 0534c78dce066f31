package dev.fluxion.engine;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Blas;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.UnaryFn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * A rule that adds multiples of tensors to others, as gradient descent does with and without momentum: each target is scaled
 * and added to in place by BLAS, one after the other, several times as fast as by a fused kernel.
 *
 * <p>A rule that adds to a target a multiple of itself, as weight decay does, is none: float32 rounds 1 − 10⁻⁸ to 1.
 */
final class WeightedSums {
    private static final DoubleSupplier ONE = WeightedSums::one;

    private final WrittenRule rule;
    /** What an expression is when a target's turn comes: a leaf that has not changed yet, or the next value of one that has. */
    private final Map<Expr, Expr> standing = new HashMap<>();

    private final List<Term> terms = new ArrayList<>();

    private WeightedSums(WrittenRule rule) {
        this.rule = rule;
    }

    private static double one() {
        return 1;
    }

    /** What a rule does, in this order; empty if it does anything else, or needs a value that it has overwritten. */
    static Optional<List<Term>> of(WrittenRule rule) {
        WeightedSums sums = new WeightedSums(rule);
        return sums.expand() ? Optional.of(sums.terms) : Optional.empty();
    }

    /** A target is multiplied by a factor, or so many times another vector is added to it. */
    record Term(Expr target, Expr addend, DoubleSupplier factor) {
        /** The step for vectors of so many floats in given places. */
        Step step(int count, Map<Expr, Buffer> places) {
            Buffer to = Objects.requireNonNull(places.get(target));
            Buffer from = Objects.requireNonNull(places.get(addend));
            Step.Binder binder = bound -> Lowering.kernel(
                    from == to
                            ? Blas.scal(count, factor, bound.of(to))
                            : Blas.axpy(count, factor, bound.of(from), bound.of(to)));
            return Step.of(toString(), "", List.of(to, from), List.of(to), "openblas", binder)
                    .flops(2.0 * count);
        }

        @Override
        public String toString() {
            String to = WrittenRule.name(target);
            return target == addend ? "scale " + to : "add " + WrittenRule.name(addend) + " to " + to;
        }
    }

    private boolean expand() {
        standing.put(rule.gradient(), rule.gradient());
        rule.next().keySet().forEach(leaf -> standing.put(leaf, leaf));
        for (Map.Entry<Expr, Expr> change : rule.next().entrySet()) {
            Expr target = change.getKey();
            Sum sum = new Sum(target, new LinkedHashMap<>());
            if (!add(change.getValue(), ONE, sum) || !sum.factors.containsKey(target)) {
                return false;
            }
            DoubleSupplier own = sum.factors.remove(target);
            if (own != ONE) {
                terms.add(new Term(target, target, Objects.requireNonNull(own)));
            }
            sum.factors.forEach((addend, factor) -> terms.add(new Term(target, addend, factor)));
            standing.remove(target);
            standing.put(change.getValue(), target);
        }
        return true;
    }

    /** The next value of a target, as factors of what it is a sum of. */
    private record Sum(Expr target, Map<Expr, DoubleSupplier> factors) {
        /** Adds a term, unless that would make one factor of two for the target itself. */
        boolean add(Expr term, DoubleSupplier factor) {
            if (term == target && factors.containsKey(target)) {
                return false;
            }
            factors.merge(term, factor, (a, b) -> () -> a.getAsDouble() + b.getAsDouble());
            return true;
        }
    }

    /** Adds a multiple of an expression to a sum; false if it is no weighted sum itself. */
    private boolean add(Expr e, DoubleSupplier factor, Sum sum) {
        Expr term = standing.get(e);
        if (term != null) {
            return sum.add(term, factor);
        }
        if (e.op() instanceof Elementwise.Unary unary) {
            return unary.fn() == UnaryFn.NEG && add(e.input(0), times(factor, () -> -1), sum);
        }
        if (!(e.op() instanceof Elementwise.Binary binary)) {
            return false;
        }
        Expr a = e.input(0);
        Expr b = e.input(1);
        return switch (binary.fn()) {
            case ADD -> add(a, factor, sum) && add(b, factor, sum);
            case SUB -> add(a, factor, sum) && add(b, times(factor, () -> -1), sum);
            case MUL -> rule.number(b).isPresent() ? scaled(a, b, factor, sum) : scaled(b, a, factor, sum);
            default -> false;
        };
    }

    private boolean scaled(Expr e, Expr by, DoubleSupplier factor, Sum sum) {
        return rule.number(by).map(n -> add(e, times(factor, n), sum)).orElse(false);
    }

    private static DoubleSupplier times(DoubleSupplier a, DoubleSupplier b) {
        return a == ONE ? b : () -> a.getAsDouble() * b.getAsDouble();
    }
}
