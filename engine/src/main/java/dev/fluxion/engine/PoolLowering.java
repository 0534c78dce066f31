package dev.fluxion.engine;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Pass;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Window;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Shape;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Pooling and its gradients. A max-pooling whose gradient is wanted notes the places of its maxima. */
final class PoolLowering {
    private final Lowering lowering;
    private final Map<Pooled, Winners> winners = new HashMap<>();

    PoolLowering(Lowering lowering) {
        this.lowering = lowering;
    }

    private record Pooled(Expr x, PoolSpec spec) {}

    /** Where the maxima of a pooling lie, and the layouts of its input and output. */
    private record Winners(Buffer workspace, Layout x, Layout y) {}

    void max(Expr e, Pooling.MaxPool op) {
        Expr x = e.input(0);
        boolean noted = lowering.fusion.readers(x).stream()
                .anyMatch(r -> r.op() instanceof Pooling.MaxPoolGrad grad
                        && r.input(0) == x
                        && grad.spec().equals(op.spec()));
        forward(e.origin(), x, op.spec(), e.shape(), noted, e);
    }

    private void forward(String origin, Expr x, PoolSpec spec, Shape y, boolean noted, @Nullable Expr result) {
        Buffer from = lowering.value(x);
        Primitive primitive = lowering.own(
                Primitive.of(pooling(dev.fluxion.ffi.Pooling.Kind.MAX, from.layout(), Lowering.any(y), spec)
                        .pass(noted ? Pass.TRAINING : Pass.INFERENCE)));
        Layout layout = primitive.layout(Arg.DESTINATION);
        Buffer to = result == null ? Buffer.temporary("maxPool", layout) : lowering.destination(result, layout);
        Map<Arg, Buffer> writes = new LinkedHashMap<>();
        writes.put(Arg.DESTINATION, to);
        if (noted) {
            Buffer workspace = Buffer.temporary("winners", primitive.layout(Arg.WORKSPACE));
            writes.put(Arg.WORKSPACE, workspace);
            winners.put(new Pooled(x, spec), new Winners(workspace, from.layout(), layout));
        }
        lowering.steps.add(lowering.primitive(
                "maxPool " + spec, origin, primitive, Map.of(Arg.SOURCE, from), writes, flops(y, spec)));
        if (result != null) {
            lowering.holds(result, to);
        }
    }

    void maxGradient(Expr e, Pooling.MaxPoolGrad op) {
        Expr x = e.input(0);
        Expr g = e.input(1);
        Pooled pooled = new Pooled(x, op.spec());
        if (!winners.containsKey(pooled)) {
            forward(e.origin(), x, op.spec(), g.shape(), true, null);
        }
        Winners w = Objects.requireNonNull(winners.get(pooled));
        Primitive primitive = lowering.own(Primitive.of(
                pooling(dev.fluxion.ffi.Pooling.Kind.MAX, w.x, w.y, op.spec()).pass(Pass.BACKWARD)));
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.DESTINATION_GRADIENT, lowering.value(g, w.y));
        reads.put(Arg.WORKSPACE, w.workspace);
        Buffer to = lowering.destination(e, w.x);
        lowering.emit(
                e,
                to,
                lowering.primitive(
                        op.toString(),
                        e.origin(),
                        primitive,
                        reads,
                        Map.of(Arg.SOURCE_GRADIENT, to),
                        g.shape().size()));
    }

    void average(Expr e, Pooling.AvgPool op) {
        Buffer from = lowering.value(e.input(0));
        Primitive primitive = lowering.own(Primitive.of(
                pooling(dev.fluxion.ffi.Pooling.Kind.PADDED_MEAN, from.layout(), Lowering.any(e.shape()), op.spec())));
        Buffer to = lowering.destination(e, primitive.layout(Arg.DESTINATION));
        lowering.emit(
                e,
                to,
                lowering.primitive(
                        op.toString(),
                        e.origin(),
                        primitive,
                        Map.of(Arg.SOURCE, from),
                        Map.of(Arg.DESTINATION, to),
                        flops(e.shape(), op.spec())));
    }

    void averageGradient(Expr e, Pooling.AvgPoolGrad op) {
        Buffer g = lowering.value(e.input(0));
        Primitive primitive = lowering.own(Primitive.of(
                pooling(dev.fluxion.ffi.Pooling.Kind.PADDED_MEAN, Lowering.any(e.shape()), g.layout(), op.spec())
                        .pass(Pass.BACKWARD)));
        Buffer to = lowering.destination(e, primitive.layout(Arg.SOURCE_GRADIENT));
        lowering.emit(
                e,
                to,
                lowering.primitive(
                        op.toString(),
                        e.origin(),
                        primitive,
                        Map.of(Arg.DESTINATION_GRADIENT, g),
                        Map.of(Arg.SOURCE_GRADIENT, to),
                        flops(e.input(0).shape(), op.spec())));
    }

    private static double flops(Shape y, PoolSpec spec) {
        return (double) y.size() * spec.kernel().h() * spec.kernel().w();
    }

    private static dev.fluxion.ffi.Pooling pooling(
            dev.fluxion.ffi.Pooling.Kind kind, Layout x, Layout y, PoolSpec spec) {
        Window window = Window.of(spec.kernel().h(), spec.kernel().w())
                .stride(spec.stride().h(), spec.stride().w())
                .padding(spec.pad().h(), spec.pad().w());
        return dev.fluxion.ffi.Pooling.of(kind, x, y, window);
    }
}
