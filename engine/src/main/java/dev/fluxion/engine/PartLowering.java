package dev.fluxion.engine;

import dev.fluxion.engine.kernel.Strided;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Parts of values, and values put together from parts: without a copy where layouts allow it. */
final class PartLowering {
    private final Lowering lowering;
    /** Where concatenations gather their operands. */
    private final Map<Expr, Stack> stacked = new HashMap<>();

    PartLowering(Lowering lowering) {
        this.lowering = lowering;
    }

    /** A view, where readers can take it as it lies: one stretch of memory, a matrix, a part of a parameter. Else a copy. */
    void slice(Expr e, Movement.Slice op) {
        Buffer whole = lowering.value(e.input(0));
        Optional<Layout.Part> part = whole.layout().part(op.axis(), op.from(), op.to());
        Optional<Layout> dense = whole.layout().resized(Lowering.dims(e.shape()));
        boolean strides = e.shape().rank() <= 2 || e.input(0).op() instanceof Leaf.Variable;
        Optional<Buffer> view = part.map(p -> whole.part(op.toString(), p::start, p.layout()));
        if (view.isPresent() && (view.get().layout().isDense() || strides && e.dtype() == DType.FLOAT)) {
            lowering.holds(e, view.get());
        } else if (view.isPresent() && dense.isPresent() && !whole.layout().isPlain()) {
            lowering.copy(e, view.get(), dense.get());
        } else {
            int[] own = e.input(0).shape().strides();
            int start = op.from() * own[op.axis()];
            lowering.copy(e, new Strided.Copy(e.shape(), own, start, e.shape().strides(), 0));
        }
    }

    /** Whether what lies along an axis is not interleaved with anything else. */
    private static boolean isOutermost(Shape shape, int axis) {
        return IntStream.range(0, axis).allMatch(i -> shape.dim(i) == 1);
    }

    /** Operands that lie one after the other in the result are computed there. */
    void pinOperands(Expr e, Movement.Concat op) {
        if (!isOutermost(e.shape(), op.axis())) {
            return;
        }
        Stack stack = new Stack(e, op.axis());
        stacked.put(e, stack);
        int start = 0;
        for (Expr operand : e.inputs()) {
            int from = start;
            start += operand.shape().dim(op.axis());
            int to = start;
            lowering.pins.add(operand, made -> stack.part(made, from, to));
        }
    }

    /** Values one after the other, laid out as the first of them that is made. */
    private final class Stack {
        private final Expr e;
        private final int axis;
        private @Nullable Buffer whole;

        Stack(Expr e, int axis) {
            this.e = e;
            this.axis = axis;
        }

        Buffer part(Layout made, int from, int to) {
            Buffer all = whole(made);
            Layout.Part part = all.layout().part(axis, from, to).orElseThrow();
            return all.part(e.op().toString(), part::start, part.layout());
        }

        Buffer whole(Layout made) {
            if (whole == null) {
                whole = lowering.destination(e, layout(made));
            }
            return whole;
        }

        /** Convolutions like the layout of what they are given, and weights that of their gradients; the others mostly want rows. */
        private Layout layout(Layout made) {
            Layout plain = Lowering.plain(e.shape(), Lowering.type(e));
            boolean convolved = lowering.readers.of(e).stream().anyMatch(PartLowering::isConvolution);
            boolean weights = e.inputs().stream().allMatch(in -> in.op() instanceof Contraction.ConvGradWeight);
            return convolved || weights
                    ? made.resized(Lowering.dims(e.shape()))
                            .filter(this::isDivisible)
                            .orElse(plain)
                    : plain;
        }

        private boolean isDivisible(Layout layout) {
            int end = 0;
            for (Expr operand : e.inputs()) {
                int start = end;
                end += operand.shape().dim(axis);
                if (layout.part(axis, start, end).isEmpty()) {
                    return false;
                }
            }
            return true;
        }
    }

    void concat(Expr e, Movement.Concat op) {
        Stack stack = stacked.get(e);
        if (stack != null) {
            e.inputs().forEach(lowering::settle);
            lowering.holds(e, stack.whole(Lowering.plain(e.shape(), Lowering.type(e))));
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

    private static boolean isConvolution(Expr e) {
        return e.op() instanceof Contraction && !(e.op() instanceof Contraction.MatMul);
    }
}
