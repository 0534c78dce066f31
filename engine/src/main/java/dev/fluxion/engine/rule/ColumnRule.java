package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Convolutions;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import java.util.List;
import java.util.Optional;

/**
 * Convolutions and their gradients, whatever they are, as products of matrices of copied windows. BLAS computes these: where
 * the library has kernels of its own, as for wide vectors, they are faster; on other processors it has none but loops, which
 * are refused. Biases and activations are steps of their own.
 */
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
                to -> to.columns().lower(e, block(e, facts.whole(e)))));
    }

    /**
     * How many filters of a group a product computes: half of those of a convolution that two threads may divide, so that it does
     * not matter whether they do.
     */
    private static int block(Expr e, Expr whole) {
        Convolutions conv = Convolutions.of(e);
        int filters = conv.w().dim(0) / conv.spec().groups();
        int all = Convolutions.of(whole).w().dim(0);
        boolean divisible = conv.spec().groups() == 1 && all % 2 == 0 && filters % (all / 2) == 0;
        return divisible ? all / 2 : filters;
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
