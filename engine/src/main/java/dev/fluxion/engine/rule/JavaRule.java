package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Drawing;
import dev.fluxion.engine.kernel.Fill;
import dev.fluxion.engine.kernel.Sort;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.store.Own;
import dev.fluxion.engine.store.Position;
import dev.fluxion.ir.ArgSort;
import dev.fluxion.ir.Draws;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import java.util.List;
import java.util.Optional;

/**
 * Operators that have one kernel, in Java, on row-major values; and what no other rule holds for, in Java as that rule says.
 *
 * @param others the other rules, those that are left out among them
 */
record JavaRule(List<Rule> others) implements Rule {
    @Override
    public String name() {
        return "java";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof Leaf.Constant op) {
            return kernel(e, "java:fill", (reads, to) -> Fill.constant((float) op.value(), 1, to));
        }
        if (e.op() instanceof Leaf.Iota op) {
            return kernel(e, "java:fill", (reads, to) -> Fill.iota(op.length(), to));
        }
        if (e.op() instanceof Leaf.Uniform op) {
            return kernel(e, "java:random", (reads, to) -> uniform(op, to));
        }
        if (e.op() instanceof ArgSort op) {
            return kernel(e, "java:sort", (reads, to) -> Sort.of(op, e.input(0), reads.get(0), to));
        }
        if (e.op() instanceof Draws op) {
            return kernel(e, "java:draws", (reads, to) -> Drawing.of(op.count(), reads.get(0), to));
        }
        return others.stream()
                .flatMap(rule -> rule.inJava(c, facts).stream())
                .findFirst()
                .map(match -> match.of(this));
    }

    private static Step.Binder uniform(Leaf.Uniform op, Buffer to) {
        return places -> {
            Position position = places.of(Own.POSITION);
            return Fill.uniform(() -> position.noise(op.stream()), op.shape().size(), to)
                    .bind(places);
        };
    }

    private Optional<Match> kernel(Expr e, String implementation, Kernel kernel) {
        return Optional.of(Match.plain(this, e, e.inputs(), implementation, kernel));
    }
}
