package dev.fluxion.engine;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Gemm;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Matrix products: BLAS for two matrices, which reads transposed operands as they lie; the native matmul for batches. */
final class MatMulLowering {
    private final Lowering lowering;

    MatMulLowering(Lowering lowering) {
        this.lowering = lowering;
    }

    void lower(Expr e) {
        if (e.shape().rank() == 2) {
            gemm(e);
        } else {
            batched(e);
        }
    }

    private void gemm(Expr e) {
        Operand a = operand(e.input(0));
        Operand b = operand(e.input(1));
        Buffer to = lowering.destination(e);
        int m = e.shape().dim(0);
        int n = e.shape().dim(1);
        int k = e.input(0).shape().dim(1);
        Gemm gemm = Gemm.of(m, n, k)
                .transpose(a.transposed, b.transposed)
                .strides(a.transposed ? m : k, b.transposed ? k : n, n);
        Step.Binder binder =
                places -> Lowering.kernel(gemm.bind(places.of(a.buffer), places.of(b.buffer), places.of(to)));
        String operator = "matmul" + (a.transposed ? " ᵀ·" : " ·") + (b.transposed ? "ᵀ" : "");
        lowering.emit(
                e,
                to,
                Step.of(operator, e.origin(), List.of(a.buffer, b.buffer), List.of(to), "openblas:sgemm", binder)
                        .flops(2.0 * m * n * k));
    }

    private Operand operand(Expr e) {
        return e.op() instanceof Movement.Transpose
                ? new Operand(lowering.plain(e.input(0)), true)
                : new Operand(lowering.plain(e), false);
    }

    private record Operand(Buffer buffer, boolean transposed) {}

    private void batched(Expr e) {
        Shape a = e.input(0).shape();
        Primitive primitive = lowering.own(Primitive.of(MatMul.of(
                Lowering.plain(a, Layout.Type.F32),
                Lowering.plain(e.input(1).shape(), Layout.Type.F32),
                Lowering.plain(e.shape(), Layout.Type.F32))));
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, lowering.plain(e.input(0)));
        reads.put(Arg.WEIGHTS, lowering.plain(e.input(1)));
        Buffer to = lowering.destination(e);
        lowering.emit(
                e,
                to,
                lowering.primitive(
                        "matmul",
                        e.origin(),
                        primitive,
                        reads,
                        Map.of(Arg.DESTINATION, to),
                        2.0 * e.shape().size() * a.dim(-1)));
    }
}
