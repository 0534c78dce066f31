package dev.fluxion.engine;

import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import java.util.List;
import java.util.Optional;

/**
 * Products of matrices by the library's kernel, with bias and activation; also of many pairs of matrices. Operands are read as
 * they lie, or packed where they are read again and again.
 */
final class ProductRule implements Rule {
    /** Products of fewer multiplications go to BLAS: the native kernel's start-up costs more than it gains. */
    private static final long SMALL = 4096;

    @Override
    public String name() {
        return "product";
    }

    /** Whether a product of two matrices is left to the native kernel, and takes its bias and activation along. */
    static boolean isLarge(Expr e) {
        if (!(e.op() instanceof Contraction.MatMul) || e.shape().rank() != 2) {
            return false;
        }
        long multiplications = (long) e.shape().size() * e.input(0).shape().dim(1);
        return e.shape().dim(0) > 1 && multiplications >= SMALL;
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
        boolean packed = facts.isPacked(e);
        Layout right = packed ? Lowering.any(e.input(1).shape()) : plain(e.input(1));
        return isLarge(e)
                        && facts.offered(operation(c, plain(e.input(0)), right)).isPresent()
                ? Optional.of(match(c, to -> to.products().lower(c, packed)))
                : Optional.empty();
    }

    private Match match(Candidate c, Emission emission) {
        Laid result = new Laid(c.root(), plain(c.root()));
        return new Match(name(), c, List.of(), List.of(result), List.of(Meanings.forward(c)), emission);
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
        return Lowering.plain(e.shape(), Layout.Type.F32);
    }
}
