package dev.fluxion.engine;

import dev.fluxion.engine.kernel.Fill;
import dev.fluxion.engine.kernel.FusedBuilder;
import dev.fluxion.engine.kernel.Strided;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Operators that move elements: views where possible, else strided copies of row-major tensors. */
final class MovementLowering {
    private final Lowering lowering;
    /** Where concatenations gather their operands. */
    private final Map<Expr, Buffer> stacked = new HashMap<>();

    MovementLowering(Lowering lowering) {
        this.lowering = lowering;
    }

    void reshape(Expr e) {
        Buffer from = lowering.plain(e.input(0));
        lowering.holds(e, from.as(Lowering.plain(e.shape(), Lowering.type(e))));
    }

    /** A view: the axes of the layout change places, and who wants another layout reorders. */
    void transpose(Expr e, Movement.Transpose op) {
        int[] to = new int[op.order().size()];
        for (int i = 0; i < to.length; i++) {
            to[op.order().get(i)] = i;
        }
        Buffer from = lowering.value(e.input(0));
        lowering.holds(e, from.as(from.layout().permute(to)));
    }

    void broadcast(Expr e) {
        Expr x = e.input(0);
        if (FusedBuilder.constant(x).isPresent()) {
            double value = FusedBuilder.constant(x).get().getAsDouble();
            Buffer to = lowering.destination(e);
            lowering.emit(
                    e,
                    to,
                    Step.of(
                            "fill",
                            e.origin(),
                            List.of(),
                            List.of(to),
                            "java:fill",
                            e.dtype() == DType.INT
                                    ? Fill.constant((int) value, e.shape().size(), to)
                                    : Fill.constant((float) value, e.shape().size(), to)));
            return;
        }
        int[] own = x.shape().strides();
        int[] strides = new int[e.shape().rank()];
        int shift = strides.length - x.shape().rank();
        for (int i = shift; i < strides.length; i++) {
            strides[i] = x.shape().dim(i - shift) == 1 ? 0 : own[i - shift];
        }
        copyOf(e, e.shape(), strides, 0, e.shape().strides(), 0);
    }

    /** A view where the slice is one stretch of memory that no update changes. */
    void slice(Expr e, Movement.Slice op) {
        int[] strides = e.input(0).shape().strides();
        int start = op.from() * strides[op.axis()];
        boolean changes = lowering.updates && lowering.value(e.input(0)).isFixed();
        if (isOutermost(e.shape(), op.axis()) && !changes) {
            lowering.holds(e, part(lowering.plain(e.input(0)), e, start));
        } else {
            copyOf(e, e.shape(), strides, start, e.shape().strides(), 0);
        }
    }

    /** Whether what lies along an axis is not interleaved with anything else. */
    private static boolean isOutermost(Shape shape, int axis) {
        return IntStream.range(0, axis).allMatch(i -> shape.dim(i) == 1);
    }

    private static Buffer part(Buffer whole, Expr e, int start) {
        return whole.part(
                e.op().toString(), () -> (long) start * Float.BYTES, Lowering.plain(e.shape(), Lowering.type(e)));
    }

    /** Operands that lie one after the other in the result are computed there. */
    void pinOperands(Expr e, Movement.Concat op) {
        if (!isOutermost(e.shape(), op.axis())) {
            return;
        }
        Buffer whole = lowering.destination(e);
        stacked.put(e, whole);
        int start = 0;
        for (Expr operand : e.inputs()) {
            Buffer part = part(whole, operand, start);
            lowering.pin(operand, () -> part);
            start += operand.shape().size();
        }
    }

    void pad(Expr e, Movement.Pad op) {
        Buffer from = lowering.plain(e.input(0));
        Buffer to = lowering.destination(e);
        int[] strides = e.shape().strides();
        Step.Binder fill = Fill.constant((float) op.value(), e.shape().size(), to);
        Shape inner = e.input(0).shape();
        Step.Binder copy = new Strided.Copy(inner, inner.strides(), 0, strides, op.before() * strides[op.axis()])
                .between(from, to);
        lowering.emit(e, to, Step.of(op.toString(), e.origin(), List.of(from), List.of(to), "java:copy", places -> {
            Step.Kernel first = fill.bind(places);
            Step.Kernel second = copy.bind(places);
            return () -> {
                first.run();
                second.run();
            };
        }));
    }

    void concat(Expr e, Movement.Concat op) {
        Buffer whole = stacked.get(e);
        if (whole != null) {
            e.inputs().forEach(lowering::settle);
            lowering.holds(e, whole);
            return;
        }
        Buffer to = lowering.destination(e);
        List<Buffer> parts = e.inputs().stream().map(lowering::plain).toList();
        int[] strides = e.shape().strides();
        List<Step.Binder> copies = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < parts.size(); i++) {
            Shape part = e.input(i).shape();
            copies.add(new Strided.Copy(part, part.strides(), 0, strides, start).between(parts.get(i), to));
            start += part.dim(op.axis()) * strides[op.axis()];
        }
        lowering.emit(e, to, Step.of(op.toString(), e.origin(), parts, List.of(to), "java:copy", places -> {
            Step.Kernel[] kernels = copies.stream().map(c -> c.bind(places)).toArray(Step.Kernel[]::new);
            return () -> {
                for (Step.Kernel kernel : kernels) {
                    kernel.run();
                }
            };
        }));
    }

    private void copyOf(Expr e, Shape shape, int[] from, int fromStart, int[] to, int toStart) {
        Buffer source = lowering.plain(e.input(0));
        Buffer target = lowering.destination(e);
        Step.Binder binder = new Strided.Copy(shape, from, fromStart, to, toStart).between(source, target);
        lowering.emit(
                e,
                target,
                Step.of(e.op().toString(), e.origin(), List.of(source), List.of(target), "java:copy", binder));
    }

    /** A copy of a row-major value to another place. */
    static Step copy(String operator, Expr e, Buffer from, Buffer to) {
        int[] strides = e.shape().strides();
        Step.Binder binder = new Strided.Copy(e.shape(), strides, 0, strides, 0).between(from, to);
        return Step.of(operator, e.origin(), List.of(from), List.of(to), "java:copy", binder);
    }
}
