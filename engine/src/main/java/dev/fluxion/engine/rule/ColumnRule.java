package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import java.util.List;
import java.util.Optional;

/** Convolutions and their gradients, whatever they are, as products of matrices of copied windows. */
record ColumnRule() implements Rule {
    @Override
    public String name() {
        return "columns";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        boolean convolves = e.op() instanceof Contraction && !(e.op() instanceof Contraction.MatMul);
        if (!convolves || c.covers().size() > 1) {
            return Optional.empty();
        }
        return Optional.of(new Match(
                name(),
                c,
                e.inputs().stream().map(ColumnRule::plain).toList(),
                List.of(plain(e)),
                () -> meaning(c),
                to -> to.columns().lower(e)));
    }

    private static List<Expr> meaning(Candidate c) {
        Expr e = c.core();
        if (e.op() instanceof Contraction.Conv) {
            return List.of(Meanings.forward(c));
        }
        return e.op() instanceof Contraction.ConvGradInput
                ? List.of(Meanings.inputGradient(e))
                : Meanings.weightGradient(c);
    }

    private static Laid plain(Expr e) {
        return new Laid(e, TensorLayout.plain(e.shape(), Layout.Type.F32));
    }
}
