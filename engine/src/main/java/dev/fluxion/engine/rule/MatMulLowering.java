package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Expr;
import java.util.LinkedHashMap;
import java.util.Map;

/** Products of matrices that other forms are made of. */
final class MatMulLowering {
    private MatMulLowering() {}

    /** The step of a product that the library is known to have a kernel for, whatever expression it is a part of. */
    static Step step(Lowering lowering, String operator, Expr e, MatMul wanted, Buffer left, Buffer right, Buffer to) {
        Primitive primitive = lowering.primitives().required(wanted);
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, left.as(primitive.layout(Arg.SOURCE)));
        reads.put(Arg.WEIGHTS, right.as(primitive.layout(Arg.WEIGHTS)));
        Map<Arg, Buffer> writes = Map.of(Arg.DESTINATION, to.as(primitive.layout(Arg.DESTINATION)));
        long k = wanted.left().dims()[wanted.left().rank() - 1];
        double flops = 2.0 * wanted.destination().elements() * k;
        return Primitives.step(operator, e.origin(), primitive, reads, writes, flops);
    }
}
