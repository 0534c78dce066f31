package dev.fluxion.check;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Normalised;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A bound on the rounding error of an objective in double precision: every intermediate number is rounded, and the
 * derivative carries its error to the objective. Where numbers cancel, that is far more than the last place of the
 * result.
 */
final class Rounding {
    private static final double UNIT = 0x1p-53;

    private Rounding() {}

    /**
     * To first order, of what depends on the variables.
     *
     * @param objective a scalar
     * @param variables the names of inputs and parameters
     * @param interpreter knows their values
     */
    static double of(Expr objective, List<String> variables, Interpreter interpreter) {
        List<Expr> nodes = dependents(objective, variables);
        List<Expr> gradients;
        try {
            gradients = Gradients.of(objective, nodes);
        } catch (UnsupportedOperationException e) {
            return 0; // an operator without a derivative, to be checked with one written by hand
        }
        List<Expr> all = new ArrayList<>(nodes);
        all.addAll(gradients);
        List<Value> values = interpreter.evaluate(all);
        double sum = 0;
        for (int i = 0; i < nodes.size(); i++) {
            double[] x = values.get(i).data();
            double[] g = values.get(nodes.size() + i).data();
            double within = within(nodes.get(i).op());
            for (int k = 0; k < x.length; k++) {
                double size = (Math.abs(x[k]) + within) * Math.abs(g[k]);
                sum += Double.isFinite(size) ? size : 0;
            }
        }
        return UNIT * sum;
    }

    /** The size of what an operator rounds on the way to its result, if that may be larger: a sum that it takes the logarithm of. */
    private static double within(Op op) {
        return op instanceof Normalised.LogSoftmax ? 1 : 0;
    }

    private static List<Expr> dependents(Expr objective, List<String> variables) {
        Set<Expr> live = new HashSet<>();
        List<Expr> nodes = new ArrayList<>();
        for (Expr e : Graph.topological(List.of(objective))) {
            boolean variable = e.op() instanceof Leaf && variables.contains(Subjects.name(e));
            if (e.dtype() == DType.FLOAT && (variable || e.inputs().stream().anyMatch(live::contains))) {
                live.add(e);
                nodes.add(e);
            }
        }
        return nodes;
    }
}
