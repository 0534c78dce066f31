package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Recurrence;
import java.util.Optional;

/**
 * Recurrences of a prediction over a single sequence: a step is one product of a row with the weights, and so few functions that the
 * library's kernels take as long to begin as to compute. BLAS reads weights that lie by columns once, at the speed of the cache.
 */
record OneSequenceRule() implements Rule {
    @Override
    public String name() {
        return "one-sequence";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        boolean holds = e.op() instanceof Recurrence
                && c.covers().size() == 1
                && facts.whole(e).shape().dim(0) == 1
                && facts.isStable(e.input(1));
        if (!holds) {
            return Optional.empty();
        }
        long[] dims = Laid.plain(e.input(1)).layout().dims();
        Layout columns = Layout.strided(dims, new long[] {1, dims[0]});
        return Optional.of(RecurrentLowering.inParts(this, e, columns, facts));
    }
}
