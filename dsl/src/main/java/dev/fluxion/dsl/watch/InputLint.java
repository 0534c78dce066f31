package dev.fluxion.dsl.watch;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.lint.Check;
import dev.fluxion.dsl.lint.Finding;
import dev.fluxion.dsl.lint.Findings;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds inputs of large numbers that weights are applied to as they are, without a layer that normalises them. */
final class InputLint {
    private static final double LARGE = 20;
    private static final double VERY_LARGE = 100;

    private InputLint() {}

    static void look(Findings findings, Batch batch, Subject subject) {
        if (findings.asks(Check.INPUT_SCALE)) {
            batch.allInputs().all().forEach((name, input) -> look(findings, batch, name, input, subject));
        }
    }

    private static void look(Findings findings, Batch batch, String name, Tensor input, Subject subject) {
        if (input.dtype() != DType.FLOAT) {
            return;
        }
        double squares = 0;
        double least = Double.MAX_VALUE;
        double most = -Double.MAX_VALUE;
        for (float x : input.floats()) {
            squares += (double) x * x;
            least = Math.min(least, x);
            most = Math.max(most, x);
        }
        double size = Math.sqrt(squares / input.size());
        if (size >= LARGE && Math.max(most, -least) >= VERY_LARGE && Double.isFinite(size)) {
            String seen = Errors.large(least, most, size);
            user(subject.computed(false, batch), name)
                    .ifPresent(user ->
                            findings.tell(new Finding(Check.INPUT_SCALE, Exprs.place(user), seen, Errors.normalise())));
        }
    }

    /** The first product that takes an input as it is; an input without a name is the only one. */
    private static Optional<Expr> user(List<Expr> computed, String name) {
        Set<Expr> same = new HashSet<>();
        for (Expr e : Graph.topological(computed)) {
            boolean taken = e.inputs().stream().anyMatch(same::contains);
            if (e.op() instanceof Leaf.Input input
                            && (name.isEmpty() || input.name().equals(name))
                    || taken && e.op() instanceof Movement) {
                same.add(e);
            } else if (taken && e.op() instanceof Contraction) {
                return Optional.of(e);
            }
        }
        return Optional.empty();
    }
}
