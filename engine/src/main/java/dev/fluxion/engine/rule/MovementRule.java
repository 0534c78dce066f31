package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Fill;
import dev.fluxion.engine.kernel.FusedBuilder;
import dev.fluxion.engine.kernel.Strided;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/** Operators that move elements: views where possible, else strided copies of row-major tensors. */
record MovementRule() implements Rule {
    @Override
    public String name() {
        return "movement";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof Movement.Reshape) {
            return Optional.of(view(e, Laid.plain(e.input(0)), Laid.plain(e).layout()));
        }
        if (e.op() instanceof Movement.Transpose op) {
            return Optional.of(transpose(e, op, facts));
        }
        if (e.op() instanceof Movement.Broadcast) {
            return Optional.of(broadcast(e));
        }
        return e.op() instanceof Movement.Pad op ? Optional.of(pad(e, op)) : Optional.empty();
    }

    /** The same memory under another layout. */
    private Match view(Expr e, Laid from, Layout layout) {
        return new Match(
                name(),
                Candidate.alone(e),
                List.of(from),
                List.of(new Laid(e, layout)),
                () -> List.of(e),
                to -> to.lowering()
                        .record(
                                e,
                                to.lowering().value(from.value(), from.layout()).as(layout)));
    }

    /** A view: the axes of the layout change places, and who wants another layout reorders. Integers are always row-major. */
    private Match transpose(Expr e, Movement.Transpose op, Facts facts) {
        if (e.dtype() == DType.INT) {
            int[] own = e.input(0).shape().strides();
            int[] strides = op.order().stream().mapToInt(axis -> own[axis]).toArray();
            return copy(e, new Strided.Copy(e.shape(), strides, 0, e.shape().strides(), 0));
        }
        int[] to = new int[op.order().size()];
        for (int i = 0; i < to.length; i++) {
            to[op.order().get(i)] = i;
        }
        Layout from = facts.layouts().of(e.input(0));
        return view(e, new Laid(e.input(0), from), from.permute(to));
    }

    private Match broadcast(Expr e) {
        Expr x = e.input(0);
        Optional<DoubleSupplier> constant = FusedBuilder.constant(x);
        if (constant.isPresent()) {
            double value = constant.get().getAsDouble();
            int size = e.shape().size();
            return Match.plain(
                    this,
                    e,
                    List.of(),
                    (reads, to) -> Step.of(
                            "fill",
                            e.origin(),
                            List.of(),
                            List.of(to),
                            "java:fill",
                            e.dtype() == DType.INT
                                    ? Fill.constant((int) value, size, to)
                                    : Fill.constant((float) value, size, to)));
        }
        int[] own = x.shape().strides();
        int[] strides = new int[e.shape().rank()];
        int shift = strides.length - x.shape().rank();
        for (int i = shift; i < strides.length; i++) {
            strides[i] = x.shape().dim(i - shift) == 1 ? 0 : own[i - shift];
        }
        return copy(e, new Strided.Copy(e.shape(), strides, 0, e.shape().strides(), 0));
    }

    private Match copy(Expr e, Strided.Copy copy) {
        return Match.plain(this, e, e.inputs(), (reads, to) -> copy(e, reads.get(0), to, copy));
    }

    /** The step of a strided copy. */
    static Step copy(Expr e, Buffer from, Buffer to, Strided.Copy copy) {
        return Step.of(e.op().toString(), e.origin(), List.of(from), List.of(to), "java:copy", copy.between(from, to));
    }

    private Match pad(Expr e, Movement.Pad op) {
        int[] strides = e.shape().strides();
        Shape inner = e.input(0).shape();
        Strided.Copy all = new Strided.Copy(inner, inner.strides(), 0, strides, op.before() * strides[op.axis()]);
        int size = e.shape().size();
        return Match.plain(this, e, e.inputs(), (reads, to) -> {
            Step.Binder fill = Fill.constant((float) op.value(), size, to);
            Step.Binder copy = all.between(reads.get(0), to);
            return Step.of(op.toString(), e.origin(), reads, List.of(to), "java:copy", places -> {
                Step.Kernel first = fill.bind(places);
                Step.Kernel second = copy.bind(places);
                return () -> {
                    first.run();
                    second.run();
                };
            });
        });
    }
}
