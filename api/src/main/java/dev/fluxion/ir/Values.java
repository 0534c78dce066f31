package dev.fluxion.ir;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** What has been computed: of each node all results. */
final class Values {
    private final Map<Expr, double[][]> all = new HashMap<>();

    void put(Expr node, double[]... results) {
        all.put(node, results);
    }

    boolean has(Expr e) {
        return all.containsKey(e.node());
    }

    double[] of(Expr e) {
        return Objects.requireNonNull(all.get(e.node()))[e.index()];
    }

    void remove(Expr node) {
        all.remove(node);
    }

    void removeIf(Predicate<Expr> condition) {
        all.keySet().removeIf(condition);
    }
}
