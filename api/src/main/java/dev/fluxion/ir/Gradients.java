package dev.fluxion.ir;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reverse-mode differentiation as a graph transformation: gradients are expressions of the same language, so that they are
 * simplified, planned, printed and differentiated again like any other.
 */
public final class Gradients {
    private Gradients() {}

    /**
     * The gradients of a scalar with respect to expressions, in their order. A path that forks accumulates; what the scalar
     * does not depend on has gradient 0.
     *
     * @throws ShapeException if {@code objective} is not a scalar or an element of {@code wrt} is not floating point
     */
    public static List<Expr> of(Expr objective, List<Expr> wrt) {
        if (objective.shape().size() != 1) {
            throw new ShapeException(Errors.notAScalar(objective.shape()));
        }
        for (Expr x : wrt) {
            if (x.dtype() != DType.FLOAT) {
                throw new ShapeException(Errors.notDifferentiable(x));
            }
        }
        List<Expr> order = Graph.topological(List.of(objective));
        Map<Expr, Boolean> live = dependents(order, wrt);
        Map<Expr, Expr> gradients = new HashMap<>();
        gradients.put(objective, Expr.constant(1).broadcastTo(objective.shape()));
        for (int i = order.size() - 1; i >= 0; i--) {
            Expr node = order.get(i);
            Expr g = gradients.get(node);
            if (g != null && live.containsKey(node)) {
                Origin.run(node.source(), () -> pass(node, g, live, gradients));
            }
        }
        List<Expr> result = new ArrayList<>();
        for (Expr x : wrt) {
            result.add(order.stream()
                    .filter(node -> isSame(node, x) && gradients.containsKey(node))
                    .map(node -> Objects.requireNonNull(gradients.get(node)))
                    .reduce(Expr::add)
                    .orElseGet(() -> Expr.constant(0).broadcastTo(x.shape())));
        }
        return result;
    }

    private static void pass(Expr node, Expr g, Map<Expr, Boolean> live, Map<Expr, Expr> gradients) {
        if (node.inputs().stream().noneMatch(live::containsKey)) {
            return;
        }
        List<Expr> parts = node.op().gradient(node, g);
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i) != Expr.none() && live.containsKey(node.input(i))) {
                gradients.merge(node.input(i), parts.get(i), Expr::add);
            }
        }
    }

    /** The expressions through which the objective depends on {@code wrt}. */
    private static Map<Expr, Boolean> dependents(List<Expr> order, List<Expr> wrt) {
        Map<Expr, Boolean> live = new HashMap<>();
        for (Expr node : order) {
            if (wrt.stream().anyMatch(x -> isSame(node, x))) {
                live.put(node, true);
            }
            if (node.inputs().stream().anyMatch(live::containsKey)) {
                live.put(node, true);
            }
        }
        return live;
    }

    /** Whether two expressions are one variable: the same node, or leaves of the same name. */
    private static boolean isSame(Expr a, Expr b) {
        return a == b || a.op() instanceof Leaf && a.op().equals(b.op());
    }
}
