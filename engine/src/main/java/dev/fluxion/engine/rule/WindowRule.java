package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.WindowPooling;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Shape;
import java.util.Optional;

/** Pooling and its gradients, whatever they are, in Java. */
record WindowRule() implements Rule {
    @Override
    public String name() {
        return "windows";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof Pooling.MaxPool op) {
            WindowPooling windows = windows(op.spec(), e.input(0).shape(), e.shape());
            return match(e, (reads, to) -> windows.max(reads.get(0), to));
        }
        if (e.op() instanceof Pooling.MaxPoolGrad op) {
            WindowPooling windows = windows(op.spec(), e.shape(), e.input(1).shape());
            return match(e, (reads, to) -> windows.maxGradient(reads.get(0), reads.get(1), to));
        }
        if (e.op() instanceof Pooling.AvgPool op) {
            WindowPooling windows = windows(op.spec(), e.input(0).shape(), e.shape());
            return match(e, (reads, to) -> windows.average(reads.get(0), to));
        }
        if (e.op() instanceof Pooling.AvgPoolGrad op) {
            WindowPooling windows = windows(op.spec(), e.shape(), e.input(0).shape());
            return match(e, (reads, to) -> windows.averageGradient(reads.get(0), to));
        }
        return Optional.empty();
    }

    private static WindowPooling windows(PoolSpec spec, Shape x, Shape y) {
        return new WindowPooling(spec, x, y);
    }

    private Optional<Match> match(Expr e, Kernel kernel) {
        return Optional.of(Match.plain(this, e, e.inputs(), "java:pool", kernel));
    }
}
