package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.Calls;
import dev.fluxion.engine.kernel.Flops;
import dev.fluxion.engine.kernel.Gemms;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Gemm;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Expr;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Matrix products by the library's kernel or by BLAS. Transposed operands are read as they lie. */
final class MatMulLowering {
    private final Lowering lowering;

    MatMulLowering(Lowering lowering) {
        this.lowering = lowering;
    }

    /**
     * A product by the library's kernel. Where it does not take operands as they lie, it takes copies.
     *
     * @param packed whether the right operand is brought into the layout that the kernel likes best
     */
    void lower(Candidate c, boolean packed) {
        Expr e = c.core();
        MatrixView a = MatrixView.of(lowering, e.input(0));
        MatrixView b = MatrixView.of(lowering, e.input(1));
        Optional<Primitive> offered = lowering.primitives().offered(operation(c, a, b, packed));
        if (offered.isEmpty()) {
            a = MatrixView.plain(lowering, e.input(0));
            b = MatrixView.plain(lowering, e.input(1));
            offered = lowering.primitives().offered(operation(c, a, b, packed));
        }
        Primitive primitive = offered.orElseThrow();
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, a.buffer().as(a.layout()));
        Layout chosen = primitive.layout(Arg.WEIGHTS);
        reads.put(
                Arg.WEIGHTS,
                packed ? lowering.value(e.input(1), chosen) : b.buffer().as(chosen));
        c.bias().ifPresent(v -> reads.put(Arg.BIAS, lowering.plain(v).as(primitive.layout(Arg.BIAS))));
        Buffer to = lowering.destination(c.root());
        lowering.emit(
                c.root(),
                to,
                Primitives.step(
                        c.operator(), c.root().origin(), primitive, reads, Map.of(Arg.DESTINATION, to), Flops.of(e)));
    }

    private static MatMul operation(Candidate c, MatrixView a, MatrixView b, boolean packed) {
        Layout right = packed ? TensorLayout.any(b.shape()) : b.layout();
        return ProductRule.operation(c, a.layout(), right);
    }

    /** A product by BLAS, of two matrices or of many pairs. */
    void blas(Expr e) {
        if (e.shape().rank() > 2) {
            pairs(e);
        } else {
            gemm(e);
        }
    }

    private void gemm(Expr e) {
        MatrixView a = MatrixView.of(lowering, e.input(0));
        MatrixView b = MatrixView.of(lowering, e.input(1));
        Buffer to = lowering.destination(e);
        int m = e.shape().dim(0);
        int n = e.shape().dim(1);
        int k = e.input(0).shape().dim(1);
        Gemm gemm = Gemm.of(m, n, k).transpose(a.transposed(), b.transposed()).strides(a.stride(), b.stride(), n);
        Step.Binder binder =
                places -> Calls.one(gemm.bind(places.of(a.buffer()), places.of(b.buffer()), places.of(to)));
        lowering.emit(
                e,
                to,
                Step.of("matmul", e.origin(), List.of(a.buffer(), b.buffer()), List.of(to), "openblas", binder)
                        .flops(Flops.of(e)));
    }

    /** The step of a product that the library is known to have a kernel for, whatever expression it is a part of. */
    static Step step(
            Lowering lowering, String operator, Expr e, MatMul requested, Buffer left, Buffer right, Buffer to) {
        Primitive primitive = lowering.primitives().required(requested);
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, left.as(primitive.layout(Arg.SOURCE)));
        reads.put(Arg.WEIGHTS, right.as(primitive.layout(Arg.WEIGHTS)));
        Map<Arg, Buffer> writes = Map.of(Arg.DESTINATION, to.as(primitive.layout(Arg.DESTINATION)));
        long k = requested.left().dims()[requested.left().rank() - 1];
        double flops = 2.0 * requested.destination().elements() * k;
        return Primitives.step(operator, e.origin(), primitive, reads, writes, flops);
    }

    /** Products of many pairs of matrices by the library's kernel. */
    void many(Expr e, Primitive primitive) {
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, lowering.plain(e.input(0)));
        reads.put(Arg.WEIGHTS, lowering.plain(e.input(1)));
        Buffer to = lowering.destination(e);
        lowering.emit(
                e,
                to,
                Primitives.step("matmul", e.origin(), primitive, reads, Map.of(Arg.DESTINATION, to), Flops.of(e)));
    }

    private void pairs(Expr e) {
        Buffer left = lowering.plain(e.input(0));
        Buffer right = lowering.plain(e.input(1));
        Buffer to = lowering.destination(e);
        Step.Binder binder = Gemms.of(e.input(0).shape(), e.shape(), left, right, to);
        lowering.emit(
                e,
                to,
                Step.of("matmul", e.origin(), List.of(left, right), List.of(to), "openblas", binder)
                        .flops(Flops.of(e)));
    }
}
