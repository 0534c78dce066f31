package dev.fluxion.engine.pass;

import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Origin;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Leaves out the last rows and columns of images that nobody reads: a pooling by 2 drops the last row of an image of odd
 * height, so that no convolution before it needs to compute that row, nor its gradient, which is zero there. An image's own gradient is zero
 * where only such rows see it, also if weights are not finite.
 */
public final class Unread {
    /** Fewer rows or columns than one in so many are not worth copying what lies before. */
    private static final long WORTH = 24;

    /** The part of a gradient, from the first row and column on, beyond which it is zero. */
    private final Map<Expr, Size> nonzero = new HashMap<>();
    /** The part of a value, from the first row and column on, that is read. */
    private final Map<Expr, Size> read = new HashMap<>();

    private final Map<Expr, Expr> rebuilt = new HashMap<>();

    private Unread(Graph graph) {
        List<Expr> order = graph.order();
        order.stream().filter(Unread::isImage).forEach(e -> nonzero.put(e, nonzero(e)));
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
        boolean drops = graph.order().stream().anyMatch(e -> e.op() instanceof Pooling.MaxPool p && drops(p.spec(), e));
        if (!drops) {
            return graph;
        }
        Unread pass = new Unread(graph);
        graph.order().forEach(e -> pass.rebuilt.put(e, Origin.of(e.origin(), () -> pass.rebuild(e))));
        return Rewriter.rebuilt(graph, e -> pass.cut(e, full(e)));
    }

    private static boolean drops(PoolSpec spec, Expr pool) {
        Size all = full(pool.input(0));
        Size used = under(spec, full(pool));
        return spec.pad().equals(Size.of(0))
                && ((all.h() - used.h()) * WORTH > all.h() || (all.w() - used.w()) * WORTH > all.w());
    }

    private static boolean isImage(Expr e) {
        return e.shape().rank() == 4;
    }

    private static Size full(Expr e) {
        return isImage(e) ? Size.of(e.shape().dim(2), e.shape().dim(3)) : Size.of(0);
    }

    private void isRead(Expr e, Size part) {
        read.merge(e, part, (a, b) -> Size.of(Math.max(a.h(), b.h()), Math.max(a.w(), b.w())));
    }

    private static Size smaller(Size a, Size b) {
        return Size.of(Math.min(a.h(), b.h()), Math.min(a.w(), b.w()));
    }

    /** What windows without padding cover that make {@code out} places. */
    private static Size under(PoolSpec spec, Size out) {
        return Size.of(
                (out.h() - 1) * spec.stride().h() + spec.kernel().h(),
                (out.w() - 1) * spec.stride().w() + spec.kernel().w());
    }

    private static Size under(ConvSpec spec, Shape w, Size out) {
        return Size.of(
                (out.h() - 1) * spec.stride().h() + spec.dilation().h() * (w.dim(2) - 1) + 1,
                (out.w() - 1) * spec.stride().w() + spec.dilation().w() * (w.dim(3) - 1) + 1);
    }

    private static boolean isUnpadded(Size pad) {
        return pad.equals(Size.of(0));
    }

    private Size nonzero(Expr e) {
        Size all = full(e);
        if (e.op() instanceof Pooling.MaxPoolGrad op && isUnpadded(op.spec().pad())) {
            return smaller(all, under(op.spec(), nonzeroOf(e.input(1))));
        }
        if (e.op() instanceof Contraction.ConvGradInput op
                && isUnpadded(op.spec().pad())) {
            return smaller(all, under(op.spec(), e.input(1).shape(), nonzeroOf(e.input(0))));
        }
        if (e.op() instanceof Elementwise.Binary op && op.fn() == BinaryFn.MUL) {
            return smaller(nonzeroOf(e.input(0)), nonzeroOf(e.input(1)));
        }
        return all;
    }

    private Size nonzeroOf(Expr e) {
        return nonzero.getOrDefault(e, full(e));
    }

    /** The part of a node that is computed. What gradients of windows compute follows from what they are given. */
    private Size part(Expr e) {
        boolean given = e.op() instanceof Pooling.MaxPoolGrad || e.op() instanceof Contraction.ConvGradInput;
        return given ? nonzeroOf(e) : smaller(nonzeroOf(e), read.getOrDefault(e, full(e)));
    }

    /** The part of an operand that a node reads. */
    private Size demand(Expr e, int operand) {
        Expr in = e.input(operand);
        Op op = e.op();
        if (!isImage(in)) {
            return full(in);
        }
        if (op instanceof Pooling.MaxPool pool && isUnpadded(pool.spec().pad())) {
            return smaller(full(in), under(pool.spec(), part(e)));
        }
        if (op instanceof Pooling.MaxPoolGrad pool && isUnpadded(pool.spec().pad())) {
            return operand == 0 ? part(e) : nonzeroOf(in);
        }
        if (op instanceof Contraction.Conv conv
                && operand == 0
                && isUnpadded(conv.spec().pad())) {
            return smaller(full(in), under(conv.spec(), e.input(1).shape(), part(e)));
        }
        if (op instanceof Contraction.ConvGradInput grad
                && operand == 0
                && isUnpadded(grad.spec().pad())) {
            return nonzeroOf(in);
        }
        if (op instanceof Contraction.ConvGradWeight grad
                && isUnpadded(grad.spec().pad())) {
            Size g = nonzeroOf(e.input(1));
            return operand == 0 ? smaller(full(in), under(grad.spec(), e.shape(), g)) : g;
        }
        if (op instanceof Reduction.Sum sum && sum.axes().containsAll(List.of(2, 3))) {
            return nonzeroOf(in);
        }
        return op instanceof Elementwise ? part(e) : full(in);
    }

    /** Operators that give a part when they are given parts; of others the part is taken when all is computed. */
    private static boolean isLocal(Expr e) {
        return e.op() instanceof Contraction
                || e.op() instanceof Pooling.MaxPool
                || e.op() instanceof Pooling.MaxPoolGrad
                || e.op() instanceof Elementwise
                || AxisRules.isRepeated(e, 2) && AxisRules.isRepeated(e, 3);
    }

    private Expr rebuild(Expr e) {
        List<Expr> inputs = IntStream.range(0, e.inputs().size())
                .mapToObj(k -> cut(e.input(k), demand(e, k)))
                .toList();
        Size part = part(e);
        if (isImage(e) && isLocal(e)) {
            return with(e, e.op().resized(sized(e.shape(), part)), inputs);
        }
        Expr all = with(e, e.op(), inputs);
        return isImage(e) ? sliced(all, part) : all;
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
