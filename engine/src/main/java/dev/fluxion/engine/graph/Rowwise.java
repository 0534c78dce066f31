package dev.fluxion.engine.graph;

import dev.fluxion.ir.AxisRule;
import dev.fluxion.ir.AxisRule.Along;
import dev.fluxion.ir.AxisRule.Join;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Marker;
import dev.fluxion.ir.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Tells whether each row of a graph's outputs, along the first axis, follows from the same row of its input alone, by a
 * formula that knows neither the number of rows nor the row's place among them.
 */
public final class Rowwise {
    private final Map<Expr, Integer> axes = new HashMap<>();

    private Rowwise() {}

    /** Whether that holds for a network, given as its graphs for two numbers of rows. */
    public static boolean holds(Graph some, Graph others) {
        return new Rowwise().followsRows(some) && new Rowwise().followsRows(others) && isAlike(some, others);
    }

    private boolean followsRows(Graph graph) {
        Shape given =
                graph.inputs().isEmpty() ? Shape.of(1) : graph.inputs().get(0).shape();
        if (given.rank() == 0 || given.dim(0) == 0) {
            return false;
        }
        int rows = given.dim(0);
        for (Expr e : graph.order()) {
            List<Integer> own = e.inputs().stream().map(this::axis).toList();
            if (e.op() instanceof Leaf.Input) {
                axes.put(e, 0);
            } else if (own.stream().anyMatch(axis -> axis != AxisRules.NONE)) {
                Optional<AxisRule> rule = AxisRules.following(e, own, rows)
                        .filter(r -> knowsNoPlace(e, r) && isSameForAllRows(e, own, r));
                if (rule.isEmpty()) {
                    return false;
                }
                axes.put(e, rule.get().axis());
            }
        }
        return graph.stages().stream()
                .flatMap(stage -> stage.outputs().values().stream())
                .allMatch(e -> axis(e) == 0 && e.shape().dim(0) == rows);
    }

    private int axis(Expr e) {
        return axes.getOrDefault(e, AxisRules.NONE);
    }

    /** Whether parts have the values of the whole. Of a requirement, only the error knows the place. */
    private static boolean knowsNoPlace(Expr e, AxisRule rule) {
        return rule.join() == Join.CONCATENATION || e.op() instanceof Marker.Require;
    }

    /** Whether a row needs no other row of what comes from the input, and the same of everything else as the others. */
    private static boolean isSameForAllRows(Expr e, List<Integer> own, AxisRule rule) {
        return IntStream.range(0, own.size())
                .allMatch(i -> own.get(i) == AxisRules.NONE
                        ? isConstant(e.input(i), rule.operands().get(i))
                        : !rule.operands().get(i).isWhole());
    }

    /** Whether all elements along an axis are the same, because those of the operands are or each part repeats them. */
    private static boolean isConstant(Expr e, Along along) {
        return along.isWhole()
                || AxisRules.giving(e, along.axis())
                        .filter(r ->
                                r.join() == Join.CONCATENATION && r.result().step() == 1)
                        .filter(r -> IntStream.range(0, e.inputs().size())
                                .allMatch(
                                        i -> isConstant(e.input(i), r.operands().get(i))))
                        .isPresent();
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
            if (!operands.equals(b.inputs()) || !a.op().resized(b.shape()).equals(b.op())) {
                return false;
            }
            twins.put(a, b);
        }
        return true;
    }
}
