package dev.fluxion.engine.update;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How fast what a rule changes can grow, by interval arithmetic: where a target is at most x before a step, it is at most
 * factor·x + term behind it, and no number on the way comes near the end of float32's range.
 */
final class Growth {
    /** Far enough from the end of the range for rounding, and for other orders of the same sums and products. */
    private static final double LARGEST = 0x1p124;

    private static final double ROUNDING = 1 + 0x1p-20;
    /** A factor by which bounds of a step grow too fast to be of use. */
    private static final double FAST = 1000;

    private final double[] factors;
    private final double[] terms;
    private final boolean[] positive;

    private Growth(double[] factors, double[] terms, boolean[] positive) {
        this.factors = factors;
        this.terms = terms;
        this.positive = positive;
    }

    /** How large the numbers of a target can be behind a step, from how large they can be before it. */
    double next(int target, double most) {
        return factors[target] * most + terms[target];
    }

    /** What of that does not follow the target itself. */
    double term(int target) {
        return terms[target];
    }

    /** Whether a target has no negative numbers behind a step. */
    boolean isPositive(int target) {
        return positive[target];
    }

    /** What the numbers are before a step. */
    static final class Box {
        private final double gradient;
        private final double[] targets;
        private final boolean[] positive;
        private final double[] scalars;

        /**
         * A box.
         *
         * @param gradient no gradient is larger
         * @param targets none of the targets' numbers is larger
         * @param positive which targets have no negative numbers
         * @param scalars the numbers between which the rule's scalars lie: 0 and this
         */
        Box(double gradient, double[] targets, boolean[] positive, double[] scalars) {
            this.gradient = gradient;
            this.targets = targets;
            this.positive = positive.clone();
            this.scalars = scalars;
        }
    }

    /** Whether a step of a rule can be bounded, where numbers are not too large. */
    static boolean isBoundable(TracedUpdate rule) {
        return ofOnes(rule).isPresent();
    }

    /**
     * Whether bounds of a rule hold for some steps. Those of Adam's quotient know nothing of what its parts have in common: where
     * weight decay is part of the gradient, they would grow beyond measure within a few steps.
     */
    static boolean isLasting(TracedUpdate rule) {
        return ofOnes(rule).filter(Growth::isSlow).isPresent();
    }

    private static Optional<Growth> ofOnes(TracedUpdate rule) {
        int targets = rule.next().size();
        double[] ones = new double[Math.max(targets, rule.scalars().size())];
        Arrays.fill(ones, 1);
        boolean[] all = new boolean[targets];
        Arrays.fill(all, true);
        return of(rule, new Box(1, ones, all, ones));
    }

    private boolean isSlow() {
        return Arrays.stream(factors).allMatch(factor -> factor <= FAST);
    }

    /** The growth from a box on; empty if a number might leave float32's range, or too little is known of an operator. */
    static Optional<Growth> of(TracedUpdate rule, Box box) {
        List<Expr> targets = List.copyOf(rule.next().keySet());
        boolean[] positive = box.positive.clone();
        while (true) {
            Map<Expr, Interval> intervals =
                    intervals(rule, targets, new Box(box.gradient, box.targets, positive, box.scalars));
            double[] factors = new double[targets.size()];
            double[] terms = new double[targets.size()];
            boolean stable = true;
            for (int i = 0; i < factors.length; i++) {
                Interval next = intervals.get(rule.next().get(targets.get(i)));
                if (next == null) {
                    return Optional.empty();
                }
                factors[i] = next.factor(i) * ROUNDING;
                terms[i] = next.rest(i, box.targets) * ROUNDING + Float.MIN_NORMAL;
                stable &= !positive[i] || next.low() >= 0;
                positive[i] &= next.low() >= 0;
            }
            if (stable) {
                return Optional.of(new Growth(factors, terms, positive));
            }
        }
    }

    /** The intervals of all expressions up to the first that has none. */
    private static Map<Expr, Interval> intervals(TracedUpdate rule, List<Expr> targets, Box box) {
        Map<Expr, Interval> known = new HashMap<>();
        for (int i = 0; i < targets.size(); i++) {
            known.put(targets.get(i), Interval.target(i, targets.size(), box.targets[i], box.positive[i]));
        }
        known.put(rule.gradient(), Interval.of(-box.gradient, box.gradient, targets.size()));
        List<Expr> scalars = rule.scalars();
        for (int i = 0; i < scalars.size(); i++) {
            double end = box.scalars[i];
            known.put(scalars.get(i), Interval.of(Math.min(0, end), Math.max(0, end), targets.size()));
        }
        for (Expr e : Graph.topological(List.copyOf(rule.next().values()))) {
            if (!known.containsKey(e)) {
                List<Interval> in = e.inputs().stream()
                        .map(x -> Objects.requireNonNull(known.get(x)))
                        .toList();
                known.put(e, Interval.of(e, in, targets.size()));
            }
            if (!(Objects.requireNonNull(known.get(e)).size() <= LARGEST)) {
                return Map.of();
            }
        }
        return known;
    }
}
