package dev.fluxion;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Update;
import java.util.List;

/**
 * What is done to the parameters of a group.
 *
 * @param optimizer their optimizer
 * @param rate how many times the learning rate of the step theirs is
 * @param average the decay of their moving average, or NaN for none
 */
record Member(Optimizer optimizer, double rate, double average) {
    List<Update> updates(List<Expr> parameters, List<Expr> gradients) {
        return optimizer.updates(parameters, gradients).stream()
                .map(u -> u.rated(rate))
                .map(u -> new Update(u.parameters(), u.gradients(), rule(u)))
                .toList();
    }

    /** What an optimizer keeps has no average. */
    private Update.Rule rule(Update update) {
        boolean values = update.parameters().stream().allMatch(p -> p.op() instanceof Leaf.Parameter);
        if (update.rule().isOfRows() && !Double.isNaN(average)) {
            throw new IllegalArgumentException(Errors.averageOfRows(update.rule()));
        }
        return new Rule(update.rule(), values ? average : Double.NaN);
    }

    /** A rule with an average of the values. */
    private record Rule(Update.Rule rule, double average) implements Update.Rule {
        @Override
        public Expr next(Expr value, Expr gradient, Update.State state) {
            Expr next = rule.next(value, gradient, state);
            if (!Double.isNaN(average)) {
                Expr fresh = state.scalar((t, lr) -> t == 1 ? 1 : 1 - average);
                Expr old = state.scalar((t, lr) -> t == 1 ? 0 : average);
                state.keep(Optimizer.AVERAGE, mean -> mean.mul(old).add(next.mul(fresh)));
            }
            return next;
        }

        @Override
        public boolean isOfRows() {
            return rule.isOfRows();
        }

        @Override
        public String toString() {
            return rule.toString();
        }
    }
}
