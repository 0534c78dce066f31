package dev.fluxion.engine.pass;

import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Op;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Tells whether each row of a graph's outputs, along the first axis, follows from the same row of its input alone, by a
 * formula that knows neither the number of rows nor the row's place among them.
 */
public final class Rowwise {
    private final Map<Expr, Integer> axes = new HashMap<>();

    private Rowwise() {}

    /** Whether that holds for a network, given as its graphs for two numbers of rows. */
    public static boolean holds(Graph some, Graph others) {
        return new Rowwise().followsRows(some) && isAlike(some, others);
    }

    private boolean followsRows(Graph graph) {
        for (Expr e : graph.order()) {
            List<Integer> own = e.inputs().stream().map(this::axis).toList();
            if (e.op() instanceof Leaf.Input) {
                axes.put(e, 0);
            } else if (own.stream().anyMatch(axis -> axis != Split.NONE)) {
                Split split = Split.of(e, own, 1);
                if (split.kind() != Split.Kind.ALONG || !isSameForAllRows(e, own, split)) {
                    return false;
                }
                axes.put(e, split.axis());
            }
        }
        return graph.stages().stream()
                .flatMap(stage -> stage.outputs().values().stream())
                .allMatch(e -> axis(e) == 0);
    }

    private int axis(Expr e) {
        return axes.getOrDefault(e, Split.NONE);
    }

    /** Whether operands that do not come from the input give each row the same. */
    private static boolean isSameForAllRows(Expr e, List<Integer> own, Split split) {
        for (int i = 0; i < own.size(); i++) {
            int taken = split.takes().get(i);
            if (own.get(i) == Split.NONE && taken != Split.NONE && !isConstant(e.input(i), taken)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isConstant(Expr e, int axis) {
        if (e.op() instanceof Movement.Broadcast) {
            int from = axis - e.shape().rank() + e.input(0).shape().rank();
            return from < 0 || e.input(0).shape().dim(from) == 1 || isConstant(e.input(0), from);
        }
        return e.op() instanceof Elementwise && e.inputs().stream().allMatch(in -> isConstant(in, axis));
    }

    /** Whether two graphs differ in nothing but extents. */
    private static boolean isAlike(Graph some, Graph others) {
        if (some.order().size() != others.order().size()) {
            return false;
        }
        Map<Expr, Expr> twins = new HashMap<>();
        for (int i = 0; i < some.order().size(); i++) {
            Expr a = some.order().get(i);
            Expr b = others.order().get(i);
            List<Expr> operands = a.inputs().stream()
                    .map(in -> Objects.requireNonNull(twins.get(in)))
                    .toList();
            if (!operands.equals(b.inputs()) || !isAlike(a.op(), b.op())) {
                return false;
            }
            twins.put(a, b);
        }
        return true;
    }

    private static boolean isAlike(Op a, Op b) {
        boolean shaped = a instanceof Leaf.Input
                || a instanceof Leaf.Iota
                || a instanceof Leaf.Uniform
                || a instanceof Movement.Reshape
                || a instanceof Movement.Broadcast;
        return shaped ? a.getClass().equals(b.getClass()) : a.equals(b);
    }
}
