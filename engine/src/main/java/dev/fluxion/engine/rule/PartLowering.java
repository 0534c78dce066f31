package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.kernel.Accumulated;
import dev.fluxion.engine.kernel.Strided;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.TensorLayout;
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
        Optional<Layout> dense = whole.layout().resized(TensorLayout.dims(e.shape()));
        boolean strides = e.shape().rank() <= 2 || e.input(0).op() instanceof Leaf.Variable;
        Stretch stretch = new Stretch(op.axis(), op.from(), op.to(), tiles(e.input(0), e));
        Optional<Buffer> view = view(whole, op.toString(), stretch);
        if (view.isPresent() && (view.get().layout().isDense() || strides && e.dtype() == DType.FLOAT)) {
            lowering.record(e, view.get());
        } else if (view.isPresent() && dense.isPresent() && !whole.layout().isPlain()) {
            lowering.copy(e, view.get(), dense.get());
        } else {
            int[] own = e.input(0).shape().strides();
            long step = (long) own[op.axis()] * Float.BYTES;
            Buffer from = window(lowering.plain(e.input(0)), step, stretch, 1 + last(e.shape(), own));
            lowering.copy(e, from, new Strided.Copy(e.shape(), own, 0, e.shape().strides(), 0));
        }
    }

    /** How many tiles of one node the other has to do with: those of the loop that one of them is in. */
    private int tiles(Expr outer, Expr inner) {
        ScheduleKey key = lowering.tiled().key(inner);
        return key.equals(lowering.tiled().key(outer)) ? 1 : key.times();
    }

    /** A stretch of an axis, or as many as there are tiles, one after the other. */
    private record Stretch(int axis, int from, int to, int tiles) {
        int end() {
            return from + (to - from) * tiles;
        }
    }

    /** The view of a stretch, which moves on from tile to tile; empty if the layout has none. */
    private static Optional<Buffer> view(Buffer whole, String name, Stretch s) {
        Optional<Layout.Part> first = whole.layout().part(s.axis, s.from, s.to);
        Optional<Buffer> view = first.map(p -> whole.part(name, p::start, p.layout()));
        if (s.tiles == 1) {
            return view;
        }
        Optional<Layout.Part> next = whole.layout().part(s.axis, s.to, 2 * s.to - s.from);
        Optional<Layout.Part> all = whole.layout().part(s.axis, s.from, s.end());
        return next.isEmpty() || all.isEmpty()
                ? Optional.empty()
                : view.map(v -> v.moving(
                        next.get().start() - first.get().start(),
                        whole.part(name, all.get()::start, all.get().layout())));
    }

    /**
     * What a row-major buffer holds from the beginning of a stretch on.
     *
     * @param step the bytes from one element along the axis to the next
     * @param elements how many
     */
    private static Buffer window(Buffer whole, long step, Stretch s, long elements) {
        Layout layout = Layout.plain(whole.layout().type(), elements);
        Buffer first = whole.part(whole.name(), () -> s.from * step, layout);
        Layout.Part swept = whole.layout().part(s.axis, s.from, s.end()).orElseThrow();
        return s.tiles == 1
                ? first
                : first.moving((s.to - s.from) * step, whole.part(whole.name(), swept::start, swept.layout()));
    }

    /** The place of the last element of a shape by strides. */
    private static long last(Shape shape, int[] strides) {
        return IntStream.range(0, shape.rank())
                .mapToLong(i -> (long) (shape.dim(i) - 1) * strides[i])
                .sum();
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
        List<Placed> placed = placed(e, op);
        Stack stack = new Stack(e, placed);
        stacked.put(e, stack);
        placed.forEach(p -> lowering.pin(p.operand, made -> stack.part(made, p.stretch)));
    }

    /** An operand of a concatenation, and where it lies in it. */
    private record Placed(Expr operand, Stretch stretch) {}

    /** The operands of a concatenation; one that is made tile by tile stands there for each tile. */
    private List<Placed> placed(Expr e, Movement.Concat op) {
        List<Placed> placed = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < e.inputs().size(); ) {
            Expr operand = e.input(i);
            int end = start + operand.shape().dim(op.axis());
            Stretch stretch = new Stretch(op.axis(), start, end, tiles(e, operand));
            placed.add(new Placed(operand, stretch));
            start = stretch.end();
            i += stretch.tiles;
        }
        return placed;
    }

    /** Values one after the other, laid out as the first of them that is made. */
    private final class Stack {
        private final Expr e;
        private final List<Placed> placed;
        private @Nullable Buffer whole;

        Stack(Expr e, List<Placed> placed) {
            this.e = e;
            this.placed = placed;
        }

        Buffer part(Layout made, Stretch s) {
            return view(whole(made), e.op().toString(), s).orElseThrow();
        }

        Buffer whole(Layout made) {
            if (whole == null) {
                whole = lowering.destination(e, layout(made));
            }
            return whole;
        }

        /** Convolutions like the layout of what they are given, and weights that of their gradients; the others mostly want rows. */
        private Layout layout(Layout made) {
            Layout plain = TensorLayout.plain(e.shape(), TensorLayout.type(e));
            boolean convolved = lowering.readers().of(e).stream().anyMatch(PartLowering::isConvolution);
            boolean weights = e.inputs().stream().allMatch(in -> in.op() instanceof Contraction.ConvGradWeight);
            return convolved || weights
                    ? made.resized(TensorLayout.dims(e.shape()))
                            .filter(this::isDivisible)
                            .orElse(plain)
                    : plain;
        }

        private boolean isDivisible(Layout layout) {
            Buffer whole = Buffer.temporary("stack", layout);
            return placed.stream().allMatch(p -> view(whole, "part", p.stretch).isPresent());
        }
    }

    void concat(Expr e, Movement.Concat op) {
        Stack stack = stacked.get(e);
        if (stack != null) {
            e.inputs().forEach(lowering::materialise);
            lowering.record(e, stack.whole(TensorLayout.plain(e.shape(), TensorLayout.type(e))));
            return;
        }
        Buffer to = lowering.destination(e);
        int[] strides = e.shape().strides();
        List<Buffer> reads = new ArrayList<>();
        List<Step.Binder> copies = new ArrayList<>();
        for (Placed p : placed(e, op)) {
            Shape part = p.operand.shape();
            Buffer from = lowering.plain(p.operand);
            long step = (long) strides[op.axis()] * Float.BYTES;
            Buffer place = window(to, step, p.stretch, 1 + last(part, strides));
            Step.Binder copy = new Strided.Copy(part, part.strides(), 0, strides, 0).between(from, place);
            if (p.stretch.tiles == 1) {
                reads.add(from);
                copies.add(copy);
            } else {
                lowering.add(
                        p.operand,
                        Step.of(op.toString(), e.origin(), List.of(from), List.of(place), "java:copy", copy));
            }
        }
        if (copies.isEmpty()) {
            lowering.record(e, to);
            return;
        }
        lowering.emit(e, to, Step.of(op.toString(), e.origin(), reads, List.of(to), "java:copy", places -> {
            Step.Kernel[] kernels = copies.stream().map(c -> c.bind(places)).toArray(Step.Kernel[]::new);
            return () -> {
                for (Step.Kernel kernel : kernels) {
                    kernel.run();
                }
            };
        }));
    }

    /** Whether a sum is one of what a loop gives. */
    boolean isOverTiles(Expr sum) {
        return tiles(sum, sum.input(0)) > 1;
    }

    /** The sum of what a loop gives tile by tile: the last step that makes a value for each tile adds it. */
    void overTiles(Expr e) {
        Buffer value = lowering.value(e.input(0));
        Buffer sum = lowering.destination(e, value.layout());
        lowering.replaceLast(value, step -> Accumulated.step(step, value, sum));
        lowering.record(e, sum);
    }

    private static boolean isConvolution(Expr e) {
        return e.op() instanceof Contraction && !(e.op() instanceof Contraction.MatMul);
    }
}
