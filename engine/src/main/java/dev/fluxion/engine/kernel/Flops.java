package dev.fluxion.engine.kernel;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrenceGradient;

/** Floating-point operations of products, convolutions and recurrences. */
public final class Flops {
    private Flops() {}

    /** The operations of a node; 0 if it is another one. */
    public static double of(Expr e) {
        if (e.op() instanceof Contraction.MatMul) {
            return 2.0 * e.shape().size() * e.input(0).shape().dim(-1);
        }
        if (e.op() instanceof Recurrence) {
            return 2.0 * e.shape().size() * e.input(1).shape().dim(0);
        }
        if (e.op() instanceof RecurrenceGradient) {
            return 2.0 * e.shape().size() * e.input(0).shape().dim(2);
        }
        return e.op() instanceof Contraction ? Convolutions.of(e).flops() : 0;
    }
}
