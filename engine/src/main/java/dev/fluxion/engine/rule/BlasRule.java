package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Calls;
import dev.fluxion.engine.kernel.Flops;
import dev.fluxion.engine.kernel.Gemms;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Gemm;
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
        return Optional.of(e.shape().rank() > 2 ? pairs(c) : gemm(c, facts));
    }

    /** Two matrices, which are read as they lie. */
    private Match gemm(Candidate c, Facts facts) {
        Expr e = c.core();
        MatrixView a = MatrixView.of(e.input(0), facts);
        MatrixView b = MatrixView.of(e.input(1), facts);
        int n = e.shape().dim(1);
        Gemm gemm = Gemm.of(e.shape().dim(0), n, e.input(0).shape().dim(1))
                .transpose(a.transposed(), b.transposed())
                .strides(a.stride(), b.stride(), n);
        return match(
                c,
                List.of(a.laid(), b.laid()),
                (reads, to) -> step(
                        e,
                        reads,
                        to,
                        places ->
                                Calls.one(gemm.bind(places.of(reads.get(0)), places.of(reads.get(1)), places.of(to)))));
    }

    /** Many pairs of matrices. */
    private Match pairs(Candidate c) {
        Expr e = c.core();
        return match(
                c,
                List.of(Laid.plain(e.input(0)), Laid.plain(e.input(1))),
                (reads, to) ->
                        step(e, reads, to, Gemms.of(e.input(0).shape(), e.shape(), reads.get(0), reads.get(1), to)));
    }

    private Match match(Candidate c, List<Laid> reads, Maker maker) {
        return Match.step(this, c, reads, Laid.plain(c.core()).layout(), () -> Meanings.forward(c), maker);
    }

    private static Step step(Expr e, List<Buffer> reads, Buffer to, Step.Binder binder) {
        return Step.of("matmul", e.origin(), reads, List.of(to), "openblas", binder)
                .flops(Flops.of(e));
    }
}
