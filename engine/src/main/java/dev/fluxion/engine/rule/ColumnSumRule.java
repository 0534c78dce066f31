package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.ColumnSums;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Reduction;
import java.util.List;
import java.util.Optional;

/**
 * Sums of rows by products with ones, of an operand as it lies.
 *
 * @param width numbers of a row that are kept, from which on they fill vectors
 * @param size elements that are added to a row, from which on a native call pays
 */
public record ColumnSumRule(int width, int size) implements Rule {
    @Override
    public String name() {
        return "column-sums";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        return e.op() instanceof Reduction.Sum
                ? ReductionRule.Reduced.of(e, facts)
                        .filter(reduced -> ColumnSums.isWide(reduced.in(), reduced.out(e), width, size))
                        .map(reduced -> match(e, reduced))
                : Optional.empty();
    }

    private Match match(Expr e, ReductionRule.Reduced reduced) {
        return Match.step(
                this,
                e,
                List.of(reduced.operand()),
                reduced.made(),
                (reads, to) ->
                        ColumnSums.step(e.op().toString(), e.origin(), reduced.in(), reduced.out(e), reads.get(0), to));
    }
}
