package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Cut;
import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Flops;
import dev.fluxion.engine.kernel.Gemms;
import dev.fluxion.engine.kernel.RowsAlike;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Gemm;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
        return match(c, List.of(a.laid(), b.laid()), (reads, to) -> gemm(
                        e, a, b, reads, to, e.shape().dim(1))
                .shared((count, library) -> columns(e, a, b, reads, to, count)));
    }

    /** The step that computes some columns. */
    private static Step gemm(Expr e, MatrixView a, MatrixView b, List<Buffer> reads, Buffer to, long columns) {
        int n = e.shape().dim(1);
        Gemm gemm = Gemm.of(e.shape().dim(0), (int) columns, e.input(0).shape().dim(1))
                .transpose(a.transposed(), b.transposed())
                .strides(a.stride(), b.stride(), n);
        return step(e, reads, to, RowsAlike.of(gemm, reads.get(0), reads.get(1), to))
                .flops(Flops.of(e) * columns / n);
    }

    /** A single row in parts of its columns, if each is stored in one piece: BLAS adds it up alike then, however many there are. */
    private static List<Step> columns(Expr e, MatrixView a, MatrixView b, List<Buffer> reads, Buffer to, int count) {
        if (e.shape().dim(0) > 1 || !b.transposed()) {
            return List.of();
        }
        List<Step> steps = new ArrayList<>();
        for (Cut.Part part :
                Cut.columns(MatMul.of(a.layout(), b.layout(), to.layout())).parts(count)) {
            Layout.Part result = Objects.requireNonNull(part.places().get(Arg.DESTINATION));
            Layout.Part right = Objects.requireNonNull(part.places().get(Arg.WEIGHTS));
            List<Buffer> operands = List.of(reads.get(0), reads.get(1).part(right));
            Step step = gemm(e, a, b, operands, to.part(result), result.layout().dims()[1]);
            steps.add(step.at(ScheduleKey.part(steps.size())));
        }
        return steps;
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
