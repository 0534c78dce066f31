package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.emit.PrimitiveStep;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.Flops;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.PostOps;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Expr;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Convolutions and their gradients by kernels of the library, which choose the layouts of what they read and write. */
final class ConvLowering {
    private final Lowering lowering;
    private final Magnitudes magnitudes;
    private final boolean overwrites;

    /**
     * The lowering of convolutions.
     *
     * @param overwrites whether results may take the place of what is added to them
     */
    ConvLowering(Lowering lowering, Magnitudes magnitudes, boolean overwrites) {
        this.lowering = lowering;
        this.magnitudes = magnitudes;
        this.overwrites = overwrites;
    }

    void forward(Candidate c, Primitive primitive) {
        Expr conv = c.core();
        Expr root = c.root();
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.SOURCE, lowering.value(c.images(), primitive.layout(Arg.SOURCE)));
        reads.put(Arg.WEIGHTS, lowering.value(conv.input(1), primitive.layout(Arg.WEIGHTS)));
        c.bias().ifPresent(b -> reads.put(Arg.BIAS, lowering.plain(b).as(primitive.layout(Arg.BIAS))));
        Optional<Primitive> adding = c.addend().flatMap(a -> adding(a, c, primitive));
        Layout made = primitive.layout(Arg.DESTINATION);
        Buffer to = adding.isPresent()
                ? lowering.overwrite(c.addend().orElseThrow(), made)
                : lowering.destination(root, made);
        if (adding.isEmpty()) {
            c.addend().ifPresent(a -> reads.put(Arg.postOp(0), lowering.value(a, primitive.layout(Arg.postOp(0)))));
        }
        PrimitiveStep wanted = new PrimitiveStep(
                c.operator() + (adding.isPresent() ? " in place" : ""),
                root.origin(),
                reads,
                Map.of(Arg.DESTINATION, to),
                c.clip(),
                magnitudes.shortcut(c));
        lowering.primitives()
                .steps(wanted, adding.orElse(primitive), Flops.of(conv))
                .forEach(step -> lowering.add(root, step));
        lowering.record(root, to);
    }

    /** The same kernel that adds to what lies where it writes, which takes less time, if that is the addend and nobody wants it any more. */
    private Optional<Primitive> adding(Expr addend, Candidate c, Primitive primitive) {
        boolean free = overwrites
                && Implementations.addsLast(primitive.implementation())
                && Overwritten.isLastRead(addend, c, lowering.readers())
                && lowering.isOverwritable(addend, c.root(), primitive.layout(Arg.DESTINATION));
        return free
                ? lowering.primitives()
                        .offered(accumulating(primitive), first -> primitive.implementation())
                        .filter(other -> other.implementation().equals(primitive.implementation()))
                : Optional.empty();
    }

    /** The operation that adds to the old content of its destination what it otherwise adds another value to. */
    private static Convolution accumulating(Primitive primitive) {
        Convolution op = (Convolution) primitive.operation();
        List<PostOps.Step> steps = new ArrayList<>(op.postOps().steps());
        steps.set(0, new PostOps.Accumulate(1));
        return new Convolution(
                op.pass(),
                primitive.layout(Arg.SOURCE),
                primitive.layout(Arg.WEIGHTS),
                op.bias(),
                primitive.layout(Arg.DESTINATION),
                op.window(),
                new PostOps(steps));
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
