package dev.fluxion.engine.graph;

import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Marker;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Removes what changes nothing: neutral operands, constants that can be computed now, reshapes and transposes that follow
 * each other, stops of gradients that were taken. Nothing is dropped that could turn a NaN into a number.
 */
public final class Simplify {
    /** How many nodes and results read a node. */
    private final Map<Expr, Integer> readers = new HashMap<>();

    private Simplify(Graph graph) {
        graph.order().forEach(e -> e.inputs().forEach(this::isRead));
        graph.stages().forEach(stage -> stage.roots().forEach(this::isRead));
    }

    /** The simplified graph. */
    public static Graph apply(Graph graph) {
        Simplify simplify = new Simplify(graph);
        return Rewriter.rewriteKnowing(graph, simplify::node);
    }

    private void isRead(Expr e) {
        readers.merge(e, 1, Integer::sum);
    }

    /** The transpose of a product that nobody else reads is the product of the transposes. */
    private Expr node(Expr original, Expr e) {
        boolean flips = e.op() instanceof Movement.Transpose transpose
                && transpose.order().equals(List.of(1, 0))
                && e.input(0).op() instanceof Contraction.MatMul
                && readers.getOrDefault(original.input(0), 0) == 1;
        if (flips) {
            return flipped(e.input(0).input(1)).matmul(flipped(e.input(0).input(0)));
        }
        if (e.shape().size() > 0 && e.inputs().stream().anyMatch(Simplify::isEmpty)) {
            return ofNothing(e);
        }
        return e.op() instanceof Elementwise.Binary binary ? binary(original, e, binary.fn()) : node(e);
    }

    private static boolean isEmpty(Expr e) {
        return e.shape().size() == 0;
    }

    /** What an operator makes of nothing, so that programs need not compute on empty tensors. */
    private static Expr ofNothing(Expr e) {
        if (e.op() instanceof Movement.Concat concat) {
            return Expr.concat(
                    concat.axis(),
                    e.inputs().stream().filter(in -> !isEmpty(in)).toList());
        }
        if (e.op() instanceof Movement.Pad pad) {
            return filled(pad.value(), e.shape());
        }
        boolean isSum = e.op() instanceof Reduction.Sum
                || e.op() instanceof Contraction.MatMul
                || e.op() instanceof Indexing.ScatterAdd;
        return isSum ? filled(0, e.shape()) : e;
    }

    private static Expr node(Expr e) {
        if (e.op() instanceof Leaf.Table table) {
            return Expr.constant(table.values());
        }
        if (e.op() instanceof Elementwise.Unary unary) {
            return constant(e.input(0))
                    .map(x -> known(unary.fn().apply(x, unary.alpha()), e))
                    .orElse(e);
        }
        if (e.op() instanceof Movement movement) {
            return movement(e, movement);
        }
        if (e.op() instanceof Reduction.Sum sum) {
            return sum(e, sum);
        }
        boolean isItsOperand = e.op() instanceof Marker.StopGradient
                || e.op() instanceof Indexing.Gather gather && takesAll(e, gather.axis());
        return isItsOperand ? e.input(0) : e;
    }

    /** Whether the elements along an axis are taken one after the other, all of them. */
    private static boolean takesAll(Expr e, int axis) {
        Expr index = e.input(1).op() instanceof Movement.Broadcast ? e.input(1).input(0) : e.input(1);
        int extent = e.shape().dim(axis);
        if (!(index.op() instanceof Leaf.Literal literal)
                || extent != e.input(0).shape().dim(axis)
                || index.shape().size() != extent
                || index.shape().rank() < e.shape().rank() - axis
                || index.shape().dim(axis - e.shape().rank()) != extent) {
            return false;
        }
        int[] places = literal.values().ints();
        return IntStream.range(0, extent).allMatch(i -> places[i] == i);
    }

    private Expr binary(Expr original, Expr e, BinaryFn fn) {
        Optional<Double> a = constant(e.input(0));
        Optional<Double> b = constant(e.input(1));
        if (a.isPresent() && b.isPresent()) {
            return known(fn.apply(a.get(), b.get()), e);
        }
        boolean one = fn == BinaryFn.MUL;
        if ((one || fn == BinaryFn.DIV) && is(b, 1) || (fn == BinaryFn.ADD || fn == BinaryFn.SUB) && is(b, 0)) {
            return e.input(0);
        }
        if (one && is(a, 1) || fn == BinaryFn.ADD && is(a, 0)) {
            return e.input(1);
        }
        return one && (a.isPresent() || b.isPresent()) ? scaled(original, e, a, b) : e;
    }

    /** (x·c)·d becomes x·(c·d), unless others read x·c, which is then computed anyway: the gradient of gelu(x·c) stays one. */
    private Expr scaled(Expr original, Expr e, Optional<Double> a, Optional<Double> b) {
        int side = a.isPresent() ? 1 : 0;
        Expr x = e.input(side);
        if (readers.getOrDefault(original.input(side), 0) > 1) {
            return e;
        }
        double outer = a.or(() -> b).orElseThrow();
        if (x.op() instanceof Elementwise.Binary inner && inner.fn() == BinaryFn.MUL) {
            for (int i = 0; i < 2; i++) {
                Optional<Double> factor = constant(x.input(i));
                if (factor.isPresent() && isFloat(factor.get()) && isFloat(outer) && isFloat(factor.get() * outer)) {
                    return x.input(1 - i).mul(filled(factor.get() * outer, e.shape()));
                }
            }
        }
        return e;
    }

    /** Whether float32 holds a number, so that what overflows or vanishes by one factor is not saved by the other. */
    private static boolean isFloat(double x) {
        return Float.isFinite((float) x) && (x == 0 || (float) x != 0);
    }

    private static Expr movement(Expr e, Movement op) {
        Expr x = e.input(0);
        if (!(op instanceof Movement.Concat) && x.shape().equals(e.shape()) && isIdentity(op)) {
            return x;
        }
        Optional<Double> value =
                op instanceof Movement.Concat || op instanceof Movement.Pad ? Optional.empty() : constant(x);
        if (value.isPresent() && !(op instanceof Movement.Broadcast && x.op() instanceof Leaf.Constant)) {
            return filled(value.get(), e.shape());
        }
        if (op instanceof Movement.Reshape && x.op() instanceof Movement.Reshape) {
            return x.input(0).reshape(e.shape());
        }
        if (op instanceof Movement.Broadcast && x.op() instanceof Movement.Broadcast) {
            return x.input(0).broadcastTo(e.shape());
        }
        return op instanceof Movement.Transpose transpose ? transpose(e, transpose, x) : e;
    }

    private static boolean isIdentity(Movement op) {
        return !(op instanceof Movement.Transpose transpose)
                || transpose
                        .order()
                        .equals(IntStream.range(0, transpose.order().size())
                                .boxed()
                                .toList());
    }

    private static Expr transpose(Expr e, Movement.Transpose op, Expr x) {
        if (x.op() instanceof Movement.Transpose inner) {
            Expr both = x.input(0)
                    .transpose(op.order().stream().mapToInt(inner.order()::get).toArray());
            return movement(both, (Movement) both.op());
        }
        return e;
    }

    private static Expr flipped(Expr matrix) {
        Expr t = matrix.transposeLast();
        return movement(t, (Movement) t.op());
    }

    private static Expr sum(Expr e, Reduction.Sum op) {
        Expr x = e.input(0);
        if (x.shape().equals(e.shape())) {
            return x;
        }
        double count = op.axes().stream().mapToDouble(x.shape()::dim).reduce(1, (a, b) -> a * b);
        return constant(x).map(v -> known(v * count, e)).orElse(e);
    }

    private static boolean is(Optional<Double> constant, double value) {
        return constant.isPresent() && constant.get() == value;
    }

    /** The number that a floating-point expression holds everywhere, if it is known. */
    private static Optional<Double> constant(Expr e) {
        Expr x = e.op() instanceof Movement.Broadcast ? e.input(0) : e;
        return x.op() instanceof Leaf.Constant constant ? Optional.of(constant.value()) : Optional.empty();
    }

    /** What an expression is known to be everywhere. NaN arises in the run: no constant is. */
    private static Expr known(double value, Expr e) {
        return Double.isNaN(value) ? e : filled(value, e.shape());
    }

    private static Expr filled(double value, Shape shape) {
        return Expr.constant(value).broadcastTo(shape);
    }
}
