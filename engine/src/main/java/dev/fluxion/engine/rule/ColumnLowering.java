package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.kernel.ColumnConvolution;
import dev.fluxion.engine.kernel.Convolutions;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import java.util.List;

/** Convolutions and their gradients as products of matrices of copied windows. */
final class ColumnLowering {
    private final Lowering lowering;

    ColumnLowering(Lowering lowering) {
        this.lowering = lowering;
    }

    /**
     * Emits a convolution or one of its gradients.
     *
     * @param block the filters of a group that one product of a convolution computes
     */
    void lower(Expr e, int block) {
        Convolutions conv = Convolutions.of(e);
        ColumnConvolution kernel = new ColumnConvolution(conv.spec(), conv.x(), conv.w(), conv.y());
        Buffer left = lowering.plain(e.input(0));
        Buffer right = lowering.plain(e.input(1));
        Buffer to = lowering.destination(e);
        Buffer columns = Buffer.scratch("columns", kernel::columnBytes);
        lowering.emit(
                e,
                to,
                Step.of(
                                e,
                                List.of(left, right),
                                List.of(to),
                                "java:columns",
                                pass(kernel, e, block).of(left, right, to, columns))
                        .needing(List.of(columns))
                        .flops(conv.flops()));
    }

    private interface Pass {
        Step.Binder of(Buffer left, Buffer right, Buffer to, Buffer columns);
    }

    private static Pass pass(ColumnConvolution kernel, Expr e, int block) {
        if (e.op() instanceof Contraction.Conv) {
            return (x, w, y, columns) -> kernel.forward(x, w, y, columns, block);
        }
        return e.op() instanceof Contraction.ConvGradInput ? kernel::inputGradient : kernel::weightGradient;
    }
}
