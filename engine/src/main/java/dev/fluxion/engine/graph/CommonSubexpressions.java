package dev.fluxion.engine.graph;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Op;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Computes what is written twice once: nodes with the same operator and operands become one, unless a parameter that they
 * depend on changes between them.
 */
public final class CommonSubexpressions {
    private CommonSubexpressions() {}

    /** The graph without repetitions. */
    public static Graph apply(Graph graph) {
        Map<Expr, Integer> versions = ParameterVersions.of(graph);
        Map<Key, Expr> seen = new HashMap<>();
        return Rewriter.rewriteKnowing(
                graph,
                (original, rebuilt) -> seen.computeIfAbsent(
                        new Key(rebuilt.op(), rebuilt.inputs(), versions.getOrDefault(original, 0)), k -> rebuilt));
    }

    private record Key(Op op, List<Expr> inputs, int version) {
        /** Of the operator, the text: what is generated for records takes a new JVM milliseconds an operator. */
        @Override
        public int hashCode() {
            return Objects.hash(op.toString(), inputs, version);
        }

        @Override
        public boolean equals(@Nullable Object o) {
            return o instanceof Key that && version == that.version && inputs.equals(that.inputs) && op.equals(that.op);
        }
    }
}
