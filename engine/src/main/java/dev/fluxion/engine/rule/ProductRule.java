package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import java.util.List;
import java.util.Optional;

/**
 * Products of matrices by the library's kernel, with bias and activation; also of many pairs of matrices. Operands are read as
 * they lie, or packed where they are read again and again.
 *
 * @param small multiplications: fewer go to BLAS, as does a single row, since the native kernel's start-up costs more than it
 *     gains
 */
public record ProductRule(long small) implements Rule {
    @Override
    public String name() {
        return "product";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (!(e.op() instanceof Contraction.MatMul)) {
            return Optional.empty();
        }
        if (e.shape().rank() > 2) {
            return facts.offered(many(e))
                    .map(primitive -> match(c, to -> to.products().many(e, primitive)));
        }
        long multiplications = (long) e.shape().size() * e.input(0).shape().dim(1);
        if (e.shape().dim(0) == 1 || multiplications < small) {
            return Optional.empty();
        }
        boolean packed = facts.isPacked(e);
        Layout right = packed ? TensorLayout.any(e.input(1).shape()) : lying(e.input(1));
        return facts.offered(operation(c, lying(e.input(0)), right))
                .or(() -> facts.offered(operation(c, plain(e.input(0)), packed ? right : plain(e.input(1)))))
                .map(primitive -> match(c, to -> to.products().lower(c, packed)));
    }

    /** How an operand lies where nobody wants it otherwise: transposed, if it is the transpose of a matrix. */
    private static Layout lying(Expr e) {
        long[] dims = TensorLayout.dims(e.shape());
        return e.op() instanceof Movement.Transpose ? Layout.strided(dims, new long[] {1, dims[0]}) : plain(e);
    }

    private Match match(Candidate c, Emission emission) {
        Laid result = new Laid(c.root(), plain(c.root()));
        return new Match(name(), c, List.of(), List.of(result), () -> List.of(Meanings.forward(c)), emission);
    }

    /** The operation on operands in some layouts. */
    static MatMul operation(Candidate c, Layout left, Layout right) {
        return MatMul.of(left, right, plain(c.core()))
                .bias(c.bias()
                        .map(b -> Layout.plain(1, c.core().shape().dim(1)))
                        .orElse(null))
                .postOps(EltwiseLowering.after(c.activation()));
    }

    private static MatMul many(Expr e) {
        return MatMul.of(plain(e.input(0)), plain(e.input(1)), plain(e));
    }

    private static Layout plain(Expr e) {
        return TensorLayout.plain(e.shape(), Layout.Type.F32);
    }
}
