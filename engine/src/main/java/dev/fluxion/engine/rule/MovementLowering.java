package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.kernel.Fill;
import dev.fluxion.engine.kernel.FusedBuilder;
import dev.fluxion.engine.kernel.Strided;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import java.util.List;

/** Operators that move elements: views where possible, else strided copies of row-major tensors. */
final class MovementLowering {
    private final Lowering lowering;

    MovementLowering(Lowering lowering) {
        this.lowering = lowering;
    }

    void reshape(Expr e) {
        Buffer from = lowering.plain(e.input(0));
        lowering.record(e, from.as(TensorLayout.plain(e.shape(), TensorLayout.type(e))));
    }

    /** A view: the axes of the layout change places, and who wants another layout reorders. Integers are always row-major. */
    void transpose(Expr e, Movement.Transpose op) {
        if (e.dtype() == DType.INT) {
            int[] own = e.input(0).shape().strides();
            int[] strides = op.order().stream().mapToInt(axis -> own[axis]).toArray();
            lowering.copy(e, new Strided.Copy(e.shape(), strides, 0, e.shape().strides(), 0));
            return;
        }
        int[] to = new int[op.order().size()];
        for (int i = 0; i < to.length; i++) {
            to[op.order().get(i)] = i;
        }
        Buffer from = lowering.value(e.input(0));
        lowering.record(e, from.as(from.layout().permute(to)));
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
        lowering.copy(e, new Strided.Copy(e.shape(), strides, 0, e.shape().strides(), 0));
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
}
