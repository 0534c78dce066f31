package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.kernel.Fill;
import dev.fluxion.engine.kernel.FusedBuilder;
import dev.fluxion.engine.kernel.Padding;
import dev.fluxion.engine.kernel.Strided;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;

/** Operators that move elements: views of values as they lie where possible, else strided copies. */
record MovementRule() implements Rule {
    @Override
    public String name() {
        return "movement";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (e.op() instanceof Movement.Reshape) {
            return Optional.of(reshape(e, facts));
        }
        if (e.op() instanceof Movement.Transpose op) {
            return Optional.of(transpose(e, op, facts));
        }
        if (e.op() instanceof Movement.Broadcast) {
            return Optional.of(broadcast(e, facts));
        }
        return e.op() instanceof Movement.Pad op ? Optional.of(pad(e, op, facts)) : Optional.empty();
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

    /** A view of the operand as it lies, where its layout can be seen under other extents; else of the row-major one. */
    private Match reshape(Expr e, Facts facts) {
        Layout lying = lying(e.input(0), facts);
        return lying.reshape(TensorLayout.dims(e.shape()))
                .map(seen -> view(e, new Laid(e.input(0), lying), seen))
                .orElseGet(() -> view(e, Laid.plain(e.input(0)), Laid.plain(e).layout()));
    }

    /** How a value lies, if it is dense and not in blocks; row-major for the others, parameters and integers among them. */
    private static Layout lying(Expr x, Facts facts) {
        Layout plain = Laid.plain(x).layout();
        if (x.dtype() == DType.INT || Facts.isOfParameter(x)) {
            return plain;
        }
        Layout layout = facts.layouts().of(x);
        return layout.isDense() && !layout.isBlocked() ? layout : plain;
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

    private Match broadcast(Expr e, Facts facts) {
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
        Layout from = lying(x, facts);
        if (from.isPlain() || x.shape().rank() != e.shape().rank()) {
            return copy(e, repeated(e, x.shape().strides(), e.shape().strides()));
        }
        int[] own = Arrays.stream(from.strides()).mapToInt(Math::toIntExact).toArray();
        int[] strides = strides(e.shape(), x.shape(), own);
        Layout made = Layout.strided(
                TensorLayout.dims(e.shape()),
                Arrays.stream(strides).asLongStream().toArray());
        Strided.Copy copy = repeated(e, own, strides);
        return Match.step(this, e, List.of(new Laid(x, from)), made, (reads, to) -> copy(e, reads.get(0), to, copy));
    }

    /** A copy of a tensor into a larger one: axes of one element are repeated. */
    private static Strided.Copy repeated(Expr e, int[] own, int[] to) {
        int[] from = Strided.repeating(e.input(0).shape(), own, to.length);
        return new Strided.Copy(e.shape(), from, 0, to, 0);
    }

    /** Dense strides for axes in the order of a tensor's; one of a single element there lies within that before it. */
    private static int[] strides(Shape shape, Shape x, int[] own) {
        int[] places = own.clone();
        for (int i = 0; i < places.length; i++) {
            if (x.dim(i) == 1) {
                places[i] = i == 0 ? Integer.MAX_VALUE : places[i - 1];
            }
        }
        List<Integer> order = IntStream.range(0, places.length)
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(i -> -places[i]))
                .toList();
        int[] strides = new int[places.length];
        int stride = 1;
        for (int i = order.size() - 1; i >= 0; i--) {
            strides[order.get(i)] = stride;
            stride *= shape.dim(order.get(i));
        }
        return strides;
    }

    private Match copy(Expr e, Strided.Copy copy) {
        return Match.plain(this, e, e.inputs(), (reads, to) -> copy(e, reads.get(0), to, copy));
    }

    /** The step of a strided copy. */
    static Step copy(Expr e, Buffer from, Buffer to, Strided.Copy copy) {
        return copy.step(e.op().toString(), e.origin(), from, to);
    }

    /** As the operand lies, unless the axis lies in blocks, or some are not full; else row-major. */
    private Match pad(Expr e, Movement.Pad op, Facts facts) {
        Layout lying = facts.layouts().of(e.input(0));
        int extent = e.shape().dim(op.axis());
        Optional<Layout> seen = lying.withExtent(op.axis(), extent);
        Laid read = seen.isPresent() ? new Laid(e.input(0), lying) : Laid.plain(e.input(0));
        Layout made = seen.orElse(Laid.plain(e).layout());
        List<Layout.Axis> axes = made.axes();
        int at = Math.max(0, axes.indexOf(new Layout.Axis(op.axis(), extent)));
        int place = size(axes.subList(at, axes.size())) / extent;
        int rows = size(axes) / place / extent;
        int copied = extent - op.before() - op.after();
        Padding padding = new Padding(rows, op.before(), copied, op.after(), place, (float) op.value());
        return Match.step(
                this, e, List.of(read), made, (reads, to) -> padding.step(op.toString(), e.origin(), reads.get(0), to));
    }

    private static int size(List<Layout.Axis> axes) {
        return axes.stream().mapToInt(a -> Math.toIntExact(a.extent())).reduce(1, Math::multiplyExact);
    }
}
