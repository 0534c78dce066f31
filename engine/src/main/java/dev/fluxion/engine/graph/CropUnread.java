package dev.fluxion.engine.graph;

import dev.fluxion.ir.AxisRule;
import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Compound;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Origin;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Result;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Leaves out the last rows and columns of images that nobody reads: a pooling by 2 drops the last row of an image of odd
 * height, so that no convolution before it needs to compute that row, nor its gradient, which is zero there. An image's own gradient is zero
 * where only such rows see it, also if weights are not finite.
 */
public final class CropUnread {
    /** Fewer rows or columns than one in so many are not worth copying what lies before. */
    private static final long WORTH = 24;

    /** The part of a gradient, from the first row and column on, beyond which it is zero. */
    private final Map<Expr, Size> nonzero = new HashMap<>();
    /** The part of a value, from the first row and column on, that is read. */
    private final Map<Expr, Size> read = new HashMap<>();

    private final Map<Expr, Expr> rebuilt = new HashMap<>();

    private CropUnread(Graph graph) {
        List<Expr> order = graph.order();
        order.stream().filter(CropUnread::isImage).forEach(e -> nonzero.put(e, nonzero(e)));
        graph.stages().forEach(s -> s.roots().forEach(e -> isRead(e, full(e))));
        for (int i = order.size() - 1; i >= 0; i--) {
            Expr e = order.get(i);
            for (int k = 0; k < e.inputs().size(); k++) {
                isRead(e.input(k), demand(e, k));
            }
        }
    }

    /** The graph without what nobody reads. */
    public static Graph apply(Graph graph) {
        boolean drops = graph.order().stream().anyMatch(e -> e.op() instanceof Pooling.MaxPool && drops(e));
        if (!drops) {
            return graph;
        }
        CropUnread pass = new CropUnread(graph);
        graph.order().forEach(e -> pass.rebuilt.put(e, Origin.of(e.origin(), () -> pass.rebuild(e))));
        return Rewriter.rebuilt(graph, e -> pass.cut(e, full(e)));
    }

    private static boolean drops(Expr pool) {
        Size all = full(pool.input(0));
        Size used = each(axis -> AxisRules.giving(pool, axis)
                .map(r -> r.operands().get(0).extent(r.units()))
                .orElse(at(all, axis)));
        return (all.h() - used.h()) * WORTH > all.h() || (all.w() - used.w()) * WORTH > all.w();
    }

    /** What has several results is computed as a whole. */
    private static boolean isImage(Expr e) {
        return e.shape().rank() == 4 && !(e.op() instanceof Compound) && !(e.op() instanceof Result);
    }

    private static Size full(Expr e) {
        return e.shape().rank() == 4 ? Size.of(e.shape().dim(2), e.shape().dim(3)) : Size.of(0);
    }

    private void isRead(Expr e, Size part) {
        read.merge(e, part, (a, b) -> Size.of(Math.max(a.h(), b.h()), Math.max(a.w(), b.w())));
    }

    private static int at(Size size, int axis) {
        return axis == 2 ? size.h() : size.w();
    }

    private static Size each(IntUnaryOperator extent) {
        return Size.of(extent.applyAsInt(2), extent.applyAsInt(3));
    }

    private static Size smaller(Size a, Size b) {
        return Size.of(Math.min(a.h(), b.h()), Math.min(a.w(), b.w()));
    }

    /** The operand with whose rows or columns what a rule sums is zero: gradients of windows, sums over images. */
    private static OptionalInt factor(Expr e, AxisRule r) {
        boolean second = e.op() instanceof Pooling.MaxPoolGrad || e.op() instanceof Contraction.ConvGradWeight;
        boolean first = e.op() instanceof Contraction.ConvGradInput || e.op() instanceof Reduction.Sum;
        int operand = second ? 1 : 0;
        return (first || second) && isInImage(e.input(operand), r.operands().get(operand)) && isOfImages(e, r)
                ? OptionalInt.of(operand)
                : OptionalInt.empty();
    }

    private static boolean isInImage(Expr e, Along along) {
        return isImage(e) && along.axis() >= 2;
    }

    private Size nonzero(Expr e) {
        if (e.op() instanceof Elementwise.Binary op && op.fn() == BinaryFn.MUL) {
            return smaller(nonzeroOf(e.input(0)), nonzeroOf(e.input(1)));
        }
        return each(axis -> AxisRules.giving(e, axis)
                .filter(r -> factor(e, r).isPresent())
                .map(r -> Math.min(at(full(e), axis), r.result().extent(units(e, r))))
                .orElse(at(full(e), axis)));
    }

    private Size nonzeroOf(Expr e) {
        return nonzero.getOrDefault(e, full(e));
    }

    /** The part of a node that is computed. What gradients of windows compute follows from what they are given. */
    private Size part(Expr e) {
        boolean given = e.op() instanceof Pooling.MaxPoolGrad || e.op() instanceof Contraction.ConvGradInput;
        return given ? nonzeroOf(e) : smaller(nonzeroOf(e), read.getOrDefault(e, full(e)));
    }

    /** How many units of a rule, from the first one on, are needed. */
    private int units(Expr e, AxisRule r) {
        OptionalInt factor = factor(e, r);
        if (factor.isPresent()) {
            int operand = factor.getAsInt();
            return at(nonzeroOf(e.input(operand)), r.operands().get(operand).axis());
        }
        return isCut(e, r) ? at(part(e), r.axis()) : r.units();
    }

    /** Whether the first rows or columns of a node follow from some of the operands' first ones. */
    private static boolean isCut(Expr e, AxisRule r) {
        return r.join() == Join.CONCATENATION
                && isInImage(e, r.result())
                && r.result().step() == 1
                && isOfImages(e, r);
    }

    /** Whether each operand is whole for a rule, or an image, of which a part can be taken. */
    private static boolean isOfImages(Expr e, AxisRule r) {
        return IntStream.range(0, e.inputs().size())
                .allMatch(i -> r.operands().get(i).isWhole()
                        || isInImage(e.input(i), r.operands().get(i)));
    }

    /** The part of an operand that a node reads. */
    private Size demand(Expr e, int operand) {
        Expr in = e.input(operand);
        return each(axis -> AxisRules.cutting(e, operand, axis)
                .filter(r -> isImage(in))
                .map(r -> Math.min(at(full(in), axis), r.operands().get(operand).extent(units(e, r))))
                .orElse(at(full(in), axis)));
    }

    private Expr rebuild(Expr e) {
        List<Expr> inputs = IntStream.range(0, e.inputs().size())
                .mapToObj(k -> cut(e.input(k), demand(e, k)))
                .toList();
        if (!isImage(e)) {
            return with(e, e.op(), inputs);
        }
        Size part = part(e);
        Size made = each(axis -> AxisRules.giving(e, axis)
                .filter(r -> isCut(e, r) || factor(e, r).isPresent())
                .map(r -> at(part, axis))
                .orElse(at(full(e), axis)));
        return sliced(with(e, e.op().resized(sized(e.shape(), made)), inputs), part);
    }

    private static Expr with(Expr e, Op op, List<Expr> inputs) {
        return inputs.equals(e.inputs()) && op.equals(e.op()) ? e : new Expr(op, inputs);
    }

    private static Shape sized(Shape shape, Size size) {
        return Shape.of(shape.dim(0), shape.dim(1), size.h(), size.w());
    }

    /** The part of a value of the given size: less than what was computed, or more, which is zero. */
    private Expr cut(Expr e, Size size) {
        Expr done = Objects.requireNonNull(rebuilt.get(e));
        if (!isImage(e) || full(done).equals(size)) {
            return done;
        }
        Size has = full(done);
        Expr rows = has.h() < size.h() ? done.pad(2, 0, size.h() - has.h(), 0) : done;
        Expr all = has.w() < size.w() ? rows.pad(3, 0, size.w() - has.w(), 0) : rows;
        return sliced(all, size);
    }

    private static Expr sliced(Expr e, Size size) {
        Expr rows = size.h() < e.shape().dim(2) ? e.slice(2, 0, size.h()) : e;
        return size.w() < rows.shape().dim(3) ? rows.slice(3, 0, size.w()) : rows;
    }
}
