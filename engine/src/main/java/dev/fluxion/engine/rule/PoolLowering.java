package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.Guarded;
import dev.fluxion.engine.kernel.WindowPooling;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Max-pooling by the library's kernels, and its gradient, which reads the places of the maxima. */
final class PoolLowering {
    private final Lowering lowering;
    /** Where the maxima lie of poolings that have noted them. */
    private final Map<Pooled, Buffer> winners = new HashMap<>();

    private final Magnitudes magnitudes;

    PoolLowering(Lowering lowering, Magnitudes magnitudes) {
        this.lowering = lowering;
        this.magnitudes = magnitudes;
    }

    /** An image, which a stage may change if it is a parameter, and how it is pooled. */
    private record Pooled(Expr x, PoolSpec spec, int version) {}

    private Pooled pooled(PoolingRule.Maximum max) {
        return new Pooled(max.x(), max.spec(), lowering.version(max.x()));
    }

    void max(Expr e, PoolingRule.Maximum max) {
        Buffer to = lowering.destination(e, max.to());
        forward(e, max, to);
        lowering.record(e, to);
    }

    private void forward(Expr e, PoolingRule.Maximum max, Buffer to) {
        Buffer from = lowering.value(max.x(), max.from());
        Map<Arg, Buffer> writes = new LinkedHashMap<>();
        writes.put(Arg.DESTINATION, to);
        WindowPooling windows = new WindowPooling(
                max.spec(),
                max.x().shape(),
                max.y(),
                max.from().channelsAtPlace().orElseThrow());
        Step.Binder repair = windows.max(from, to);
        if (max.noted()) {
            Buffer workspace = Buffer.temporary("winners", max.primitive().layout(Arg.WORKSPACE));
            writes.put(Arg.WORKSPACE, workspace);
            repair = windows.max(from, to, workspace);
            winners.put(pooled(max), workspace);
        }
        Step step = Primitives.step(
                new Pooling.MaxPool(max.spec()).toString(),
                e.origin(),
                max.primitive(),
                Map.of(Arg.SOURCE, from),
                writes,
                max.flops());
        lowering.add(e, guarded(step, max.x(), from, repair));
    }

    /** The native kernel passes over NaN, and gives the smallest number where there is nothing but NaN or −∞. */
    private Step guarded(Step step, Expr x, Buffer from, Step.Binder repair) {
        return magnitudes
                .of(x)
                .map(c -> Guarded.step(step, from, c.facts(), c.knowledge(), repair))
                .orElseGet(() -> Guarded.step(step, from, repair));
    }

    /** The gradient of a pooling, which is computed for its maxima's places alone if nobody else wants it. */
    void maxGradient(Expr e, PoolingRule.Maximum max, Primitive primitive) {
        if (!winners.containsKey(pooled(max))) {
            forward(e, max, Buffer.temporary("maxPool", max.to()));
        }
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.DESTINATION_GRADIENT, lowering.value(e.input(1), max.to()));
        reads.put(Arg.WORKSPACE, Objects.requireNonNull(winners.get(pooled(max))));
        Buffer to = lowering.destination(e, primitive.layout(Arg.SOURCE_GRADIENT));
        Map<Arg, Buffer> writes = Map.of(Arg.SOURCE_GRADIENT, to);
        double flops = e.input(1).shape().size();
        lowering.emit(e, to, Primitives.step(e, primitive, reads, writes, flops));
    }
}
