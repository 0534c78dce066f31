package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.Guarded;
import dev.fluxion.engine.kernel.WindowPooling;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Pass;
import dev.fluxion.ffi.Pooling.Kind;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Window;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Shape;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Pooling and its gradients. A max-pooling whose gradient is wanted notes the places of its maxima. What the native library
 * has no kernel for, in the layout at hand, is computed in Java.
 */
final class PoolLowering {
    private final Lowering lowering;
    private final Map<Pooled, Winners> winners = new HashMap<>();
    private final Map<Averaged, Layouts> averages = new HashMap<>();
    private final Magnitudes magnitudes;

    PoolLowering(Lowering lowering) {
        this.lowering = lowering;
        this.magnitudes = new Magnitudes(lowering);
    }

    /** An image, which a stage may change if it is a parameter, and how it is pooled. */
    private record Pooled(Expr x, PoolSpec spec, int epoch) {}

    private record Averaged(Shape x, PoolSpec spec) {}

    private record Layouts(Layout x, Layout y) {}

    /** Where the maxima of a pooling lie, and the layouts of its input and output. */
    private record Winners(Buffer workspace, Layouts layouts) {}

    void max(Expr e, Pooling.MaxPool op) {
        Expr x = e.input(0);
        boolean noted = lowering.readers().of(x).stream()
                .anyMatch(r -> r.op() instanceof Pooling.MaxPoolGrad grad
                        && r.input(0) == x
                        && grad.spec().equals(op.spec()));
        if (!forward(e, x, op.spec(), e.shape(), noted)) {
            Buffer from = lowering.plain(x);
            Buffer to = lowering.destination(e);
            java(e, List.of(from), to, new WindowPooling(op.spec(), x.shape(), e.shape()).max(from, to));
        }
    }

    /** Emits the native pooling, if there is one, for {@code e}: the pooling itself or its gradient. */
    private boolean forward(Expr e, Expr x, PoolSpec spec, Shape y, boolean noted) {
        Buffer from = lowering.value(x);
        Optional<Primitive> offered = lowering.primitives()
                .offered(
                        pooling(Kind.MAX, from.layout(), TensorLayout.any(y), spec)
                                .pass(noted ? Pass.TRAINING : Pass.INFERENCE),
                        name -> Implementations.pooling(name, x.shape()));
        if (offered.isEmpty()) {
            return false;
        }
        Primitive primitive = offered.get();
        Layout layout = primitive.layout(Arg.DESTINATION);
        OptionalInt block = from.layout().channelsAtPlace();
        if (block.isEmpty() || !block.equals(layout.channelsAtPlace())) {
            return false;
        }
        boolean wanted = e.op() instanceof Pooling.MaxPool;
        Buffer to = wanted ? lowering.destination(e, layout) : Buffer.temporary("maxPool", layout);
        Map<Arg, Buffer> writes = new LinkedHashMap<>();
        writes.put(Arg.DESTINATION, to);
        WindowPooling windows = new WindowPooling(spec, x.shape(), y, block.getAsInt());
        Step.Binder repair = windows.max(from, to);
        if (noted) {
            Buffer workspace = Buffer.temporary("winners", primitive.layout(Arg.WORKSPACE));
            writes.put(Arg.WORKSPACE, workspace);
            repair = windows.max(from, to, workspace);
            winners.put(
                    new Pooled(x, spec, lowering.epoch(x)), new Winners(workspace, new Layouts(from.layout(), layout)));
        }
        Step step = Primitives.step(
                "maxPool " + spec, e.origin(), primitive, Map.of(Arg.SOURCE, from), writes, flops(y, spec));
        lowering.add(e, guarded(step, x, from, repair));
        if (wanted) {
            lowering.record(e, to);
        }
        return true;
    }

    /** The native kernel passes over NaN, and gives the smallest number where there is nothing but NaN or −∞. */
    private Step guarded(Step step, Expr x, Buffer from, Step.Binder repair) {
        return magnitudes
                .of(x)
                .map(c -> Guarded.step(step, from, c.facts(), c.knowledge(), repair))
                .orElseGet(() -> Guarded.step(step, from, repair));
    }

    void maxGradient(Expr e, Pooling.MaxPoolGrad op) {
        Expr x = e.input(0);
        Expr g = e.input(1);
        Pooled pooled = new Pooled(x, op.spec(), lowering.epoch(x));
        if (!winners.containsKey(pooled)) {
            forward(e, x, op.spec(), g.shape(), true);
        }
        Winners w = winners.get(pooled);
        Optional<Primitive> primitive = w == null
                ? Optional.empty()
                : lowering.primitives()
                        .offered(
                                pooling(Kind.MAX, w.layouts.x, w.layouts.y, op.spec())
                                        .pass(Pass.BACKWARD),
                                name -> Implementations.poolingGradient(name, x.shape()));
        if (w == null || primitive.isEmpty()) {
            Buffer from = lowering.plain(x);
            Buffer above = lowering.plain(g);
            Buffer to = lowering.destination(e);
            java(
                    e,
                    List.of(from, above),
                    to,
                    new WindowPooling(op.spec(), x.shape(), g.shape()).maxGradient(from, above, to));
            return;
        }
        Map<Arg, Buffer> reads = new LinkedHashMap<>();
        reads.put(Arg.DESTINATION_GRADIENT, lowering.value(g, w.layouts.y));
        reads.put(Arg.WORKSPACE, w.workspace);
        gradient(e, op.toString(), primitive.get(), reads, g.shape().size());
    }

    void average(Expr e, Pooling.AvgPool op) {
        Shape x = e.input(0).shape();
        Buffer from = lowering.value(e.input(0));
        Optional<Primitive> offered = lowering.primitives()
                .offered(
                        pooling(Kind.PADDED_MEAN, from.layout(), TensorLayout.any(e.shape()), op.spec()),
                        name -> Implementations.pooling(name, x));
        if (offered.isEmpty()) {
            Buffer plain = lowering.plain(e.input(0));
            Buffer to = lowering.destination(e);
            java(e, List.of(plain), to, new WindowPooling(op.spec(), x, e.shape()).average(plain, to));
            return;
        }
        Layout layout = offered.get().layout(Arg.DESTINATION);
        averages.put(new Averaged(x, op.spec()), new Layouts(from.layout(), layout));
        Buffer to = lowering.destination(e, layout);
        lowering.emit(
                e,
                to,
                Primitives.step(
                        op.toString(),
                        e.origin(),
                        offered.get(),
                        Map.of(Arg.SOURCE, from),
                        Map.of(Arg.DESTINATION, to),
                        flops(e.shape(), op.spec())));
    }

    /** The gradient has the layout that the input had, if there was a pooling of such an input before. */
    void averageGradient(Expr e, Pooling.AvgPoolGrad op) {
        Expr g = e.input(0);
        Layouts plain = new Layouts(
                TensorLayout.plain(e.shape(), Layout.Type.F32), TensorLayout.plain(g.shape(), Layout.Type.F32));
        Layouts layouts = averages.getOrDefault(new Averaged(e.shape(), op.spec()), plain);
        Optional<Primitive> primitive = lowering.primitives()
                .offered(
                        pooling(Kind.PADDED_MEAN, layouts.x, layouts.y, op.spec())
                                .pass(Pass.BACKWARD),
                        name -> Implementations.poolingGradient(name, e.shape()));
        if (primitive.isEmpty()) {
            Buffer from = lowering.plain(g);
            Buffer to = lowering.destination(e);
            java(e, List.of(from), to, new WindowPooling(op.spec(), e.shape(), g.shape()).averageGradient(from, to));
            return;
        }
        Map<Arg, Buffer> reads = Map.of(Arg.DESTINATION_GRADIENT, lowering.value(g, layouts.y));
        gradient(e, op.toString(), primitive.get(), reads, flops(g.shape(), op.spec()));
    }

    private void gradient(Expr e, String operator, Primitive primitive, Map<Arg, Buffer> reads, double flops) {
        Buffer to = lowering.destination(e, primitive.layout(Arg.SOURCE_GRADIENT));
        Map<Arg, Buffer> writes = Map.of(Arg.SOURCE_GRADIENT, to);
        lowering.emit(e, to, Primitives.step(operator, e.origin(), primitive, reads, writes, flops));
    }

    private void java(Expr e, List<Buffer> reads, Buffer to, Step.Binder binder) {
        lowering.emit(e, to, Step.of(e.op().toString(), e.origin(), reads, List.of(to), "java:pool", binder));
    }

    private static double flops(Shape y, PoolSpec spec) {
        return (double) y.size() * spec.kernel().h() * spec.kernel().w();
    }

    private static dev.fluxion.ffi.Pooling pooling(Kind kind, Layout x, Layout y, PoolSpec spec) {
        Window window = Window.of(spec.kernel().h(), spec.kernel().w())
                .stride(spec.stride().h(), spec.stride().w())
                .padding(spec.pad().h(), spec.pad().w());
        return dev.fluxion.ffi.Pooling.of(kind, x, y, window);
    }
}
