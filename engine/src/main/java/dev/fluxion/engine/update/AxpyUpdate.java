package dev.fluxion.engine.update;

import dev.fluxion.engine.kernel.Calls;
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
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * A rule that adds multiples of tensors to others, as gradient descent does with and without momentum: each target is scaled
 * and added to in place by BLAS, one after the other, several times as fast as by a fused kernel.
 *
 * <p>Where a rule adds to a target a multiple of itself, as weight decay does, float32 would round 1 − 10⁻⁸ to 1. What is
 * added is summed up first then.
 */
final class AxpyUpdate {
    private static final Step.Scalar ONE = places -> () -> 1;
    private static final Step.Scalar MINUS = places -> () -> -1;

    private final TracedUpdate rule;
    /** What an expression is when a target's turn comes: a leaf that has not changed yet, or the next value of one that has. */
    private final Map<Expr, Expr> standing = new HashMap<>();

    private final List<Change> changes = new ArrayList<>();

    private AxpyUpdate(TracedUpdate rule) {
        this.rule = rule;
    }

    /** What a rule does, in this order; empty if it does anything else, or needs a value that it has overwritten. */
    static Optional<List<Change>> of(TracedUpdate rule) {
        AxpyUpdate sums = new AxpyUpdate(rule);
        return sums.expand() ? Optional.of(sums.changes) : Optional.empty();
    }

    /** A change of a target in place. */
    interface Change {
        /** The step for vectors that lie in some rows. */
        Step step(Rows rows);
    }

    /** A target is multiplied by a factor, or so many times another vector is added to it. */
    record Term(Expr target, Expr addend, Step.Scalar factor) implements Change {
        @Override
        public Step step(Rows rows) {
            Buffer to = rows.place(target);
            List<Buffer> reads = new ArrayList<>(List.of(to));
            reads.addAll(rows.reads(addend));
            Step.Binder binder = bound -> Calls.one(
                    target == addend
                            ? Blas.scal(rows.elements(), factor.bind(bound), bound.of(to))
                            : rows.add(addend, factor, bound, 0, rows.count(), bound.of(to)));
            return Step.of(this + rows.form(addend), "", reads, List.of(to), "openblas", binder)
                    .flops(2.0 * rows.elements());
        }

        @Override
        public String toString() {
            String to = TracedUpdate.name(target);
            return target == addend ? "scale " + to : "add " + TracedUpdate.name(addend) + " to " + to;
        }
    }

    private boolean expand() {
        standing.put(rule.gradient(), rule.gradient());
        rule.next().keySet().forEach(leaf -> standing.put(leaf, leaf));
        for (Map.Entry<Expr, Expr> change : rule.next().entrySet()) {
            Expr target = change.getKey();
            Sum sum = new Sum(target);
            if (!add(change.getValue(), ONE, sum) || !sum.stays && !sum.factors.containsKey(target)) {
                return false;
            }
            changes.addAll(sum.changes());
            standing.remove(target);
            standing.put(change.getValue(), target);
        }
        return true;
    }

    /** The next value of a target: a sum of multiples of vectors, and of what the target was, if it stays. */
    private static final class Sum {
        private final Expr target;
        private final Map<Expr, Step.Scalar> factors = new LinkedHashMap<>();
        private boolean stays;

        Sum(Expr target) {
            this.target = target;
        }

        /** Adds a term, unless that would make one factor of two for the target itself. */
        boolean add(Expr term, Step.Scalar factor) {
            if (term == target && factor == ONE && !stays) {
                stays = true;
                return true;
            }
            if (term == target && factors.containsKey(target)) {
                return false;
            }
            factors.merge(term, factor, AxpyUpdate::plus);
            return true;
        }

        List<Change> changes() {
            Step.Scalar own = factors.get(target);
            if (stays && own != null) {
                return List.of(new Increment(target, factors));
            }
            List<Change> terms = new ArrayList<>();
            if (own != null) {
                terms.add(new Term(target, target, own));
            }
            factors.forEach((addend, factor) -> {
                if (addend != target) {
                    terms.add(new Term(target, addend, factor));
                }
            });
            return terms;
        }
    }

    /** Adds a multiple of an expression to a sum; false if it is no weighted sum itself. */
    private boolean add(Expr e, Step.Scalar factor, Sum sum) {
        Expr term = standing.get(e);
        if (term != null) {
            return sum.add(term, factor);
        }
        if (e.op() instanceof Elementwise.Unary unary) {
            return unary.fn() == UnaryFn.NEG && add(e.input(0), times(factor, MINUS), sum);
        }
        if (!(e.op() instanceof Elementwise.Binary binary)) {
            return false;
        }
        Expr a = e.input(0);
        Expr b = e.input(1);
        return switch (binary.fn()) {
            case ADD -> add(a, factor, sum) && add(b, factor, sum);
            case SUB -> add(a, factor, sum) && add(b, times(factor, MINUS), sum);
            case MUL -> rule.number(b).isPresent() ? scaled(a, b, factor, sum) : scaled(b, a, factor, sum);
            default -> false;
        };
    }

    private boolean scaled(Expr e, Expr by, Step.Scalar factor, Sum sum) {
        return rule.number(by).map(n -> add(e, times(factor, n), sum)).orElse(false);
    }

    private static Step.Scalar times(Step.Scalar a, Step.Scalar b) {
        return a == ONE
                ? b
                : places -> {
                    DoubleSupplier x = a.bind(places);
                    DoubleSupplier y = b.bind(places);
                    return () -> x.getAsDouble() * y.getAsDouble();
                };
    }

    private static Step.Scalar plus(Step.Scalar a, Step.Scalar b) {
        return places -> {
            DoubleSupplier x = a.bind(places);
            DoubleSupplier y = b.bind(places);
            return () -> x.getAsDouble() + y.getAsDouble();
        };
    }
}
