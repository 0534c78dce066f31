package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Recurrent;
import dev.fluxion.engine.kernel.RecurrentParts;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrenceGradient;
import java.util.List;
import java.util.Optional;

/** Recurrences and their gradients with products and functions of the library, the weights being packed once for all steps. */
record RecurrentRule() implements Rule {
    @Override
    public String name() {
        return "recurrent";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof Recurrence op) {
            return c.covers().size() > 1 ? Optional.empty() : forward(e, op, facts);
        }
        if (e.op() instanceof RecurrenceGradient op) {
            Recurrent sizes = RecurrentLowering.sizes(op, e);
            return facts.offered(RecurrentKernels.product(sizes.products(), sizes.state()))
                    .map(p -> RecurrentLowering.backward(
                            this,
                            e,
                            p.layout(Arg.WEIGHTS),
                            facts,
                            p.implementation(),
                            (made, weight, state) -> RecurrentKernels.product(p, List.of(made, weight), state)));
        }
        return Optional.empty();
    }

    @Override
    public Optional<Match> inJava(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof Recurrence) {
            return c.covers().size() > 1
                    ? Optional.empty()
                    : Optional.of(RecurrentLowering.inParts(
                            this, e, Laid.plain(e.input(1)).layout(), facts));
        }
        if (e.op() instanceof RecurrenceGradient op) {
            Expr weights = e.input(3 + op.cell().states());
            return Optional.of(RecurrentLowering.backward(
                    this, e, Laid.plain(weights).layout(), facts, "openblas", RecurrentParts::product));
        }
        return Optional.empty();
    }

    private Optional<Match> forward(Expr e, Recurrence op, Facts facts) {
        return RecurrentKernels.of(RecurrentLowering.sizes(op, e), Optional.empty(), facts::offered)
                .map(kernels -> RecurrentLowering.forward(
                        this,
                        Candidate.alone(e),
                        RecurrentLowering.reads(e, 1, kernels.stateWeights()),
                        facts,
                        kernels.implementation(),
                        kernels));
    }
}
