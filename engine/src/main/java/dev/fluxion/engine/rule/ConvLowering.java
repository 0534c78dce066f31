package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.emit.PrimitiveStep;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.Flops;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Expr;
import java.util.LinkedHashMap;
import java.util.Map;

/** Convolutions and their gradients by kernels of the library, which choose the layouts of what they read and write. */
final class ConvLowering {
    private final Lowering lowering;
    private final Magnitudes magnitudes;

    ConvLowering(Lowering lowering, Magnitudes magnitudes) {
        this.lowering = lowering;
        this.magnitudes = magnitudes;
    }

    void forward(Candidate c, Primitive primitive) {
        Expr conv = c.core();
        Expr root = c.root();
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, lowering.value(c.images(), primitive.layout(Arg.SOURCE)));
        reads.put(Arg.WEIGHTS, lowering.value(conv.input(1), primitive.layout(Arg.WEIGHTS)));
        c.bias().ifPresent(b -> reads.put(Arg.BIAS, lowering.plain(b).as(primitive.layout(Arg.BIAS))));
        c.addend().ifPresent(a -> reads.put(Arg.postOp(0), lowering.value(a, primitive.layout(Arg.postOp(0)))));
        Buffer to = lowering.destination(root, primitive.layout(Arg.DESTINATION));
        PrimitiveStep wanted = new PrimitiveStep(
                c.operator(), root.origin(), reads, Map.of(Arg.DESTINATION, to), c.clip(), magnitudes.shortcut(c));
        lowering.primitives().steps(wanted, primitive, Flops.of(conv)).forEach(step -> lowering.add(root, step));
        lowering.record(root, to);
    }

    void inputGradient(Expr e, Primitive primitive) {
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.DESTINATION_GRADIENT, lowering.value(e.input(0), primitive.layout(Arg.DESTINATION_GRADIENT)));
        reads.put(Arg.WEIGHTS, lowering.value(e.input(1), primitive.layout(Arg.WEIGHTS)));
        Buffer to = lowering.destination(e, primitive.layout(Arg.SOURCE_GRADIENT));
        lowering.emit(e, to, Primitives.step(e, primitive, reads, Map.of(Arg.SOURCE_GRADIENT, to), Flops.of(e)));
    }

    void weightGradient(Candidate c, Primitive primitive) {
        Expr e = c.core();
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, lowering.value(e.input(0), primitive.layout(Arg.SOURCE)));
        reads.put(Arg.DESTINATION_GRADIENT, lowering.value(e.input(1), primitive.layout(Arg.DESTINATION_GRADIENT)));
        Map<Arg, Buffer> writes = new LinkedHashMap<>();
        Buffer to = lowering.destination(e, primitive.layout(Arg.WEIGHTS_GRADIENT));
        writes.put(Arg.WEIGHTS_GRADIENT, to);
        c.bias().ifPresent(b -> {
            Buffer sum = lowering.destination(b);
            lowering.record(b, sum);
            writes.put(Arg.BIAS_GRADIENT, sum.as(primitive.layout(Arg.BIAS_GRADIENT)));
        });
        lowering.emit(e, to, Primitives.step(c.operator(), e.origin(), primitive, reads, writes, Flops.of(e)));
    }
}
