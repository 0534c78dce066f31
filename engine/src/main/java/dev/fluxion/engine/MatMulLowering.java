package dev.fluxion.engine;

import dev.fluxion.engine.kernel.Gemms;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Gemm;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Matrix products: one native kernel with bias and activation, or BLAS for single rows and small products, where it is
 * faster. Transposed operands are read as they lie; weights that no update changes, or that tiles share, are packed as the kernel
 * likes them.
 */
final class MatMulLowering {
    /** Products of fewer multiplications go to BLAS: the native kernel's start-up costs more than it gains. */
    private static final long SMALL = 4096;

    private final Lowering lowering;

    MatMulLowering(Lowering lowering) {
        this.lowering = lowering;
    }

    /** Whether a product of two matrices is left to the native kernel. */
    static boolean isNative(Expr e) {
        if (!(e.op() instanceof Contraction.MatMul) || e.shape().rank() != 2) {
            return false;
        }
        long multiplications = (long) e.shape().size() * e.input(0).shape().dim(1);
        return e.shape().dim(0) > 1 && multiplications >= SMALL;
    }

    void lower(Expr e) {
        if (e.shape().rank() > 2) {
            batched(e);
        } else if (isNative(e)) {
            product(e);
        } else {
            gemm(e);
        }
    }

    void product(Expr root) {
        Fusion.Contracted fused = lowering.fusion.contracted(root);
        Expr e = fused.core();
        Operand a = Operand.of(lowering, e.input(0));
        Operand b = Operand.of(lowering, e.input(1));
        Layout result = Lowering.plain(e.shape(), Layout.Type.F32);
        Layout bias = Layout.plain(1, e.shape().dim(1));
        boolean packed = lowering.isStable(e.input(1)) || lowering.isShared(e, e.input(1));
        Layout right = packed ? Lowering.any(e.input(1).shape()) : b.layout();
        Optional<Primitive> offered = lowering.primitives.offered(MatMul.of(a.layout(), right, result)
                .bias(fused.bias().isPresent() ? bias : null)
                .postOps(EltwiseLowering.after(fused.activation())));
        if (offered.isEmpty()) {
            lessThan(root, e);
            return;
        }
        Primitive primitive = offered.get();
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, a.buffer().as(a.layout()));
        Layout chosen = primitive.layout(Arg.WEIGHTS);
        reads.put(
                Arg.WEIGHTS,
                packed ? lowering.value(e.input(1), chosen) : b.buffer().as(chosen));
        fused.bias().ifPresent(v -> reads.put(Arg.BIAS, lowering.plain(v).as(bias)));
        Buffer to = lowering.destination(root, result);
        lowering.emit(
                root,
                to,
                lowering.primitive(
                        fused.toString(), root.origin(), primitive, reads, Map.of(Arg.DESTINATION, to), flops(e)));
    }

    /** Without a kernel for all: one for the product alone, then BLAS. */
    private void lessThan(Expr root, Expr core) {
        if (root == core) {
            gemm(core);
        } else {
            lowering.fusion.separate(root);
        }
    }

    private void gemm(Expr e) {
        Operand a = Operand.of(lowering, e.input(0));
        Operand b = Operand.of(lowering, e.input(1));
        Buffer to = lowering.destination(e);
        int m = e.shape().dim(0);
        int n = e.shape().dim(1);
        int k = e.input(0).shape().dim(1);
        Gemm gemm = Gemm.of(m, n, k).transpose(a.transposed(), b.transposed()).strides(a.stride(), b.stride(), n);
        Step.Binder binder =
                places -> Lowering.kernel(gemm.bind(places.of(a.buffer()), places.of(b.buffer()), places.of(to)));
        lowering.emit(
                e,
                to,
                Step.of("matmul", e.origin(), List.of(a.buffer(), b.buffer()), List.of(to), "openblas", binder)
                        .flops(flops(e)));
    }

    /** The step of a product that the library is known to have a kernel for, whatever expression it is a part of. */
    static Step step(Lowering lowering, String operator, Expr e, MatMul wanted, Buffer left, Buffer right, Buffer to) {
        Primitive primitive = lowering.primitives.required(wanted);
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, left.as(primitive.layout(Arg.SOURCE)));
        reads.put(Arg.WEIGHTS, right.as(primitive.layout(Arg.WEIGHTS)));
        Map<Arg, Buffer> writes = Map.of(Arg.DESTINATION, to.as(primitive.layout(Arg.DESTINATION)));
        long k = wanted.left().dims()[wanted.left().rank() - 1];
        double flops = 2.0 * wanted.destination().elements() * k;
        return lowering.primitive(operator, e.origin(), primitive, reads, writes, flops);
    }

    static double flops(Expr e) {
        return 2.0 * e.shape().size() * e.input(0).shape().dim(-1);
    }

    private void batched(Expr e) {
        Layout left = Lowering.plain(e.input(0).shape(), Layout.Type.F32);
        Layout right = Lowering.plain(e.input(1).shape(), Layout.Type.F32);
        Layout result = Lowering.plain(e.shape(), Layout.Type.F32);
        Optional<Primitive> primitive = lowering.primitives.offered(MatMul.of(left, right, result));
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, lowering.plain(e.input(0)));
        reads.put(Arg.WEIGHTS, lowering.plain(e.input(1)));
        Buffer to = lowering.destination(e);
        Step step = primitive.isPresent()
                ? lowering.primitive(
                        "matmul", e.origin(), primitive.get(), reads, Map.of(Arg.DESTINATION, to), flops(e))
                : Step.of(
                                "matmul",
                                e.origin(),
                                List.copyOf(reads.values()),
                                List.of(to),
                                "openblas",
                                Gemms.of(
                                        e.input(0).shape(),
                                        e.shape(),
                                        reads.get(Arg.SOURCE),
                                        reads.get(Arg.WEIGHTS),
                                        to))
                        .flops(flops(e));
        lowering.emit(e, to, step);
    }
}
