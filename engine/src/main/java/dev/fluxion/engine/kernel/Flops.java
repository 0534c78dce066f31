package dev.fluxion.engine.kernel;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;

/** Floating-point operations of products and convolutions. */
public final class Flops {
    private Flops() {}

    /** The operations of a node; 0 if it is another one. */
    public static double of(Expr e) {
        if (e.op() instanceof Contraction.MatMul) {
            return 2.0 * e.shape().size() * e.input(0).shape().dim(-1);
        }
        return e.op() instanceof Contraction ? Convolutions.of(e).flops() : 0;
    }
}
