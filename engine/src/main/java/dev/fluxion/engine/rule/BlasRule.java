package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import java.util.List;
import java.util.Optional;

/** Products of matrices, whatever they are, by BLAS: it is faster for single rows and small products. */
record BlasRule() implements Rule {
    @Override
    public String name() {
        return "blas";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (!(e.op() instanceof Contraction.MatMul) || c.covers().size() > 1) {
            return Optional.empty();
        }
        Laid result = new Laid(e, TensorLayout.plain(e.shape(), Layout.Type.F32));
        return Optional.of(
                new Match(name(), c, List.of(), List.of(result), () -> List.of(Meanings.forward(c)), to -> to.products()
                        .blas(e)));
    }
}
