package dev.fluxion.engine.check;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import java.util.Arrays;
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
    private final Interpreter interpreter;
    private final Map<Expr, Bounded> known = new HashMap<>();

    /** An analysis with the values of leaves that an interpreter knows. */
    ErrorAnalysis(Interpreter interpreter) {
        this.interpreter = interpreter;
    }

    /**
     * Numbers and their bounds.
     *
     * @param value the numbers in double precision
     * @param error how far float32 may be off; infinite where nothing is known, as where infinities cancel
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
        double[] value = node.op() instanceof Leaf
                ? interpreter.evaluate(node).data()
                : node.op().evaluate(node, values);
        double[] error = node.op().accept(new ErrorRules(node, value, values, errors));
        return new Bounded(
                value,
                Arrays.stream(error)
                        .map(e -> Double.isNaN(e) ? Double.POSITIVE_INFINITY : e)
                        .toArray());
    }
}
