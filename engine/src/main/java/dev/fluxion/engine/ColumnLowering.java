package dev.fluxion.engine;

import dev.fluxion.engine.kernel.ColumnConvolution;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.Turn;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.List;

/** Convolutions that the native library has no kernel for, and their gradients. */
final class ColumnLowering {
    private final Lowering lowering;

    ColumnLowering(Lowering lowering) {
        this.lowering = lowering;
    }

    void forward(Expr e, ConvSpec spec) {
        ColumnConvolution kernel =
                new ColumnConvolution(spec, e.input(0).shape(), e.input(1).shape(), e.shape());
        emit(e, kernel, kernel::forward, ConvLowering.flops(e.input(1).shape(), e.shape()));
    }

    void inputGradient(Expr e, ConvSpec spec) {
        Shape y = e.input(0).shape();
        Shape w = e.input(1).shape();
        ColumnConvolution kernel = new ColumnConvolution(spec, e.shape(), w, y);
        emit(e, kernel, kernel::inputGradient, ConvLowering.flops(w, y));
    }

    void weightGradient(Expr e, ConvSpec spec) {
        Shape y = e.input(1).shape();
        ColumnConvolution kernel = new ColumnConvolution(spec, e.input(0).shape(), e.shape(), y);
        emit(e, kernel, kernel::weightGradient, ConvLowering.flops(e.shape(), y));
    }

    private interface Pass {
        Step.Binder of(Buffer left, Buffer right, Buffer to, Buffer columns);
    }

    private void emit(Expr e, ColumnConvolution kernel, Pass pass, double flops) {
        Buffer left = lowering.plain(e.input(0));
        Buffer right = lowering.plain(e.input(1));
        Buffer to = lowering.destination(e);
        Buffer columns = Buffer.room("columns", kernel::columnBytes);
        lowering.emit(
                e,
                to,
                new Step(
                        e.op().toString(),
                        e.origin(),
                        List.of(left, right),
                        List.of(to),
                        List.of(columns),
                        false,
                        "java:columns",
                        flops,
                        Turn.SERIAL,
                        pass.of(left, right, to, columns)));
    }
}
