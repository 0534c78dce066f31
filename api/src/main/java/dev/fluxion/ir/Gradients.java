package dev.fluxion.ir;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reverse-mode differentiation as a graph transformation: gradients are expressions of the same language, so that they are
 * simplified, planned, printed and differentiated again like any other.
 */
public final class Gradients {
    private final Map<Variable, List<Expr>> variables = new HashMap<>();
    /** The expressions through which the objective depends on variables. */
    private final Set<Expr> live = new HashSet<>();

    private final Map<Expr, Expr> gradients = new HashMap<>();
    /** The gradients of the results of a node, by their numbers. */
    private final Map<Expr, Map<Integer, Expr>> results = new HashMap<>();

    /** What gradients are taken by: one node, or all leaves that are the same. */
    private record Variable(Expr e) {
        @Override
        public boolean equals(@Nullable Object o) {
            return o instanceof Variable that && (e == that.e || e.op() instanceof Leaf && e.op().equals(that.e.op()));
        }

        @Override
        public int hashCode() {
            return e.op() instanceof Leaf ? e.op().toString().hashCode() : e.hashCode();
        }
    }

    private Gradients(List<Expr> wrt) {
        wrt.forEach(x -> variables.put(new Variable(x), new ArrayList<>()));
    }

    /**
     * The gradients of a scalar with respect to expressions, in their order. A path that forks accumulates; what the scalar
     * does not depend on has gradient 0.
     *
     * @throws ShapeException if {@code objective} is not a scalar or an element of {@code wrt} is not floating point
     */
    public static List<Expr> of(Expr objective, List<Expr> wrt) {
        Given.require("Gradients", "the objective", objective);
        Given.each("Gradients", "what to differentiate by", wrt);
        if (objective.shape().size() != 1) {
            throw new ShapeException(Errors.notAScalar(objective.shape()));
        }
        for (Expr x : wrt) {
            if (x.dtype() != DType.FLOAT) {
                throw new ShapeException(Errors.notDifferentiable(x));
            }
        }
        Gradients all = new Gradients(wrt);
        all.walk(objective);
        return wrt.stream().map(all::of).toList();
    }

    private void walk(Expr objective) {
        List<Expr> order = Graph.topological(List.of(objective));
        for (Expr node : order) {
            List<Expr> same = variables.get(new Variable(node));
            if (same != null) {
                same.add(node);
            }
            if (same != null || node.inputs().stream().anyMatch(live::contains)) {
                live.add(node);
            }
        }
        gradients.put(objective, Expr.constant(1).broadcastTo(objective.shape()));
        for (int i = order.size() - 1; i >= 0; i--) {
            Expr node = order.get(i);
            if (live.contains(node)) {
                Origin.run(node.source(), () -> pass(node));
            }
        }
    }

    private void pass(Expr node) {
        Map<Integer, Expr> given = results.computeIfAbsent(node.node(), k -> new HashMap<>());
        Expr own = gradients.get(node);
        if (own != null) {
            given.merge(node.index(), own, Expr::add);
        }
        boolean ends = node.inputs().stream().noneMatch(live::contains);
        if (node.op() instanceof Result || given.isEmpty() || ends) {
            return;
        }
        List<Expr> parts = node.op().gradient(node, all(node, given));
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i) != Expr.none() && live.contains(node.input(i))) {
                gradients.merge(node.input(i), parts.get(i), Expr::add);
            }
        }
    }

    private static List<Expr> all(Expr node, Map<Integer, Expr> given) {
        return IntStream.range(0, node.results())
                .mapToObj(i -> given.getOrDefault(i, Expr.none()))
                .toList();
    }

    private Expr of(Expr x) {
        return Objects.requireNonNull(variables.get(new Variable(x))).stream()
                .filter(gradients::containsKey)
                .map(gradients::get)
                .reduce(Expr::add)
                .orElseGet(() -> Expr.constant(0).broadcastTo(x.shape()));
    }
}
