package dev.fluxion.engine.check;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Noise;
import dev.fluxion.ir.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A running error analysis: evaluates a graph in double precision and, along with each element, a bound of how far float32
 * arithmetic may be off there. Errors of operands pass through an operator as it would change with them; its own rounding
 * adds to them. See Higham, "Accuracy and Stability of Numerical Algorithms" (2002), §3.3.
 */
final class ErrorAnalysis {
    private final Map<String, Value> bound;
    private final long seed;
    private final Map<Expr, Bounded> known = new HashMap<>();

    ErrorAnalysis(Map<String, Value> bound, long seed) {
        this.bound = bound;
        this.seed = seed;
    }

    /**
     * Numbers and their bounds.
     *
     * @param value the numbers in double precision
     * @param error how far float32 may be off; infinite or NaN where nothing is known
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Bounded(double[] value, double[] error) {}

    Bounded of(Expr root) {
        for (Expr node : Graph.topological(List.of(root))) {
            if (!known.containsKey(node)) {
                known.put(node, evaluate(node));
            }
        }
        return Objects.requireNonNull(known.get(root));
    }

    private Bounded evaluate(Expr node) {
        List<Bounded> in = node.inputs().stream()
                .map(e -> Objects.requireNonNull(known.get(e)))
                .toList();
        double[][] values = in.stream().map(Bounded::value).toArray(double[][]::new);
        double[][] errors = in.stream().map(Bounded::error).toArray(double[][]::new);
        double[] value =
                node.op() instanceof Leaf leaf ? leaf(node, leaf) : node.op().evaluate(node, values);
        return new Bounded(value, node.op().accept(new ErrorRules(node, value, values, errors)));
    }

    private double[] leaf(Expr node, Leaf leaf) {
        if (leaf instanceof Leaf.Input input) {
            return Objects.requireNonNull(bound.get(input.name())).data();
        }
        if (leaf instanceof Leaf.Parameter parameter) {
            return Objects.requireNonNull(bound.get(parameter.name())).data();
        }
        if (leaf instanceof Leaf.Kept) {
            return new double[node.shape().size()];
        }
        if (leaf instanceof Leaf.Uniform uniform) {
            long key = Noise.key(seed, 1, uniform.stream());
            double[] out = new double[node.shape().size()];
            for (int i = 0; i < out.length; i++) {
                out[i] = Noise.uniform(key, i);
            }
            return out;
        }
        return leaf.evaluate(node, new double[0][]);
    }
}
