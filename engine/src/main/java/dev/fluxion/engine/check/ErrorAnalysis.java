package dev.fluxion.engine.check;

import dev.fluxion.ir.Compound;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import java.util.ArrayList;
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
    /** Of each node, all results. */
    private final Map<Expr, List<Bounded>> known = new HashMap<>();

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
            if (!known.containsKey(node.node())) {
                known.put(node, evaluate(node));
            }
        }
        return known(root);
    }

    private Bounded known(Expr e) {
        return Objects.requireNonNull(known.get(e.node())).get(e.index());
    }

    private List<Bounded> evaluate(Expr node) {
        List<Bounded> in = node.inputs().stream().map(this::known).toList();
        return node.op() instanceof Compound op ? decomposed(node, op, in) : List.of(evaluate(node, in));
    }

    /** What several results are composed of. */
    private List<Bounded> decomposed(Expr node, Compound op, List<Bounded> in) {
        List<Expr> operands = new ArrayList<>();
        for (Expr e : node.inputs()) {
            Expr operand = Expr.input("operand " + operands.size(), e.shape(), e.dtype());
            known.put(operand, List.of(in.get(operands.size())));
            operands.add(operand);
        }
        return op.decomposed(operands).stream().map(this::of).toList();
    }

    private Bounded evaluate(Expr node, List<Bounded> in) {
        double[][] values = in.stream().map(Bounded::value).toArray(double[][]::new);
        double[][] errors = in.stream().map(Bounded::error).toArray(double[][]::new);
        double[] value = node.op() instanceof Leaf
                ? interpreter.evaluate(node).data()
                : node.op().evaluate(node, values);
        double[] error = new ErrorRules(node, value, values, errors).apply();
        return new Bounded(
                value,
                Arrays.stream(error)
                        .map(e -> Double.isNaN(e) ? Double.POSITIVE_INFINITY : e)
                        .toArray());
    }
}
