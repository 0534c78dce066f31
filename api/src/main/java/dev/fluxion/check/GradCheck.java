package dev.fluxion.check;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares the gradients of an expression with differences of its values, in double precision on the interpreter:
 *
 * <pre>{@code
 * GradCheck.of(loss).with("x", x).with("weight", w).run().orThrow();
 * }</pre>
 *
 * <p>Each element of each input and parameter is checked, or, of large ones, the derivative along random
 * {@link #directions(int) directions}. An expression that is not a scalar is checked through the sum of its elements with
 * random weights. Places where the expression has a kink are skipped and reported, so that a check does not fail by bad
 * luck. Checks are immutable and repeatable.
 *
 * @param expr the expression to check
 * @param values the values of its inputs and parameters
 * @param wrt the inputs and parameters to differentiate by; none means all that are floating point
 * @param tolerance the largest relative error that passes
 * @param directions along how many random directions to check each of them; 0 means element by element
 * @param seed chooses directions, weights and the expression's own random numbers
 */
public record GradCheck(
        Expr expr, Map<String, Value> values, List<String> wrt, double tolerance, int directions, long seed) {

    /** Copies the collections and checks the numbers. */
    public GradCheck {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        wrt = List.copyOf(wrt);
        if (!(tolerance > 0 && tolerance < 1)) {
            throw new IllegalArgumentException(Errors.badTolerance(tolerance));
        }
        if (directions < 0) {
            throw new IllegalArgumentException(Errors.badDirections(directions));
        }
    }

    /** A check of every element with tolerance 10⁻⁶. */
    public static GradCheck of(Expr expr) {
        return new GradCheck(expr, Map.of(), List.of(), 1e-6, 0, 0);
    }

    /** This check with the value of an input or parameter. */
    public GradCheck with(String name, Value value) {
        Map<String, Value> more = new LinkedHashMap<>(values);
        more.put(name, value);
        return new GradCheck(expr, more, wrt, tolerance, directions, seed);
    }

    /** This check with the value of an input or parameter. */
    public GradCheck with(String name, Tensor value) {
        return with(name, value.toValue());
    }

    /** This check with the values of inputs and parameters. */
    public GradCheck with(Map<String, Value> all) {
        Map<String, Value> more = new LinkedHashMap<>(values);
        more.putAll(all);
        return new GradCheck(expr, more, wrt, tolerance, directions, seed);
    }

    /** This check, differentiating by the named inputs and parameters only. */
    public GradCheck wrt(String... names) {
        return new GradCheck(expr, values, List.of(names), tolerance, directions, seed);
    }

    /** This check with another tolerance. */
    public GradCheck tolerance(double largest) {
        return new GradCheck(expr, values, wrt, largest, directions, seed);
    }

    /** This check along random directions of each input and parameter; 0 means element by element. */
    public GradCheck directions(int count) {
        return new GradCheck(expr, values, wrt, tolerance, count, seed);
    }

    /** This check with other random numbers. */
    public GradCheck seed(long other) {
        return new GradCheck(expr, values, wrt, tolerance, directions, other);
    }

    /**
     * Computes and compares.
     *
     * @throws IllegalArgumentException if a name is not one of the expression's, or holds integers
     * @throws IllegalStateException if an input or parameter has no value
     */
    public Report run() {
        Map<String, Expr> leaves = leaves();
        values.keySet().forEach(name -> require(leaves, name));
        wrt.forEach(name -> require(leaves, name));
        for (String name : leaves.keySet()) {
            if (!values.containsKey(name)) {
                throw new IllegalStateException(Errors.unbound(name));
            }
        }
        for (String name : wrt) {
            if (require(leaves, name).dtype() != DType.FLOAT) {
                throw new IllegalArgumentException(Errors.integers(name));
            }
        }
        Comparison comparison = new Comparison(this);
        leaves.forEach((name, leaf) -> {
            if (wrt.isEmpty() ? leaf.dtype() == DType.FLOAT : wrt.contains(name)) {
                comparison.compare(name);
            }
        });
        return comparison.report();
    }

    private static Expr require(Map<String, Expr> leaves, String name) {
        Expr leaf = leaves.get(name);
        if (leaf == null) {
            throw new IllegalArgumentException(Errors.unknownName(name, leaves.keySet()));
        }
        return leaf;
    }

    private Map<String, Expr> leaves() {
        Map<String, Expr> leaves = new LinkedHashMap<>();
        for (Expr e : Graph.topological(List.of(expr))) {
            if (!name(e).isEmpty()) {
                leaves.putIfAbsent(name(e), e);
            }
        }
        return leaves;
    }

    /** The gradient of {@code objective} by the variable of a name, which may be several leaves. */
    Expr gradient(Expr objective, String name) {
        return Gradients.of(objective, List.of(require(leaves(), name))).get(0);
    }

    private static String name(Expr e) {
        if (e.op() instanceof Leaf.Input input) {
            return input.name();
        }
        return e.op() instanceof Leaf.Parameter parameter ? parameter.name() : "";
    }
}
