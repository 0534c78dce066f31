package dev.fluxion.check;

import dev.fluxion.Initializer;
import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Compares the gradients of an expression, a loss, a layer or a whole model with differences of its values, in double
 * precision on the interpreter:
 *
 * <pre>{@code
 * GradCheck.of(loss, output, target).run().orThrow();
 * GradCheck.of(net, Shape.of(2, 1, 8, 8)).run().orThrow();
 * }</pre>
 *
 * <p>Each element of each input and parameter is checked, or, of large ones, the derivative along random
 * {@link #directions(int) directions}. An expression that is not a scalar is checked through the sum of its elements with
 * random weights. Steps follow the size of the values. Places where the expression has a kink, because the differences to
 * both sides disagree however small the step, are skipped and reported, so that a check does not fail by bad luck; one that
 * finds nothing but such places says so, and {@link Report#passed() passes} only if the derivatives are between the slopes to
 * both sides. A derivative that is not finite fails wherever it is. Checks are immutable and repeatable.
 *
 * @param expr the expression to check
 * @param values the values of its inputs and parameters
 * @param drawn how those inputs and parameters get their values that have none
 * @param gradients the gradients to check that are not the expression's own, by input or parameter, each as a function of
 *     the gradient of the expression's value
 * @param wrt the inputs and parameters to differentiate by; none means all that are floating point
 * @param tolerance the largest relative error that passes
 * @param directions along how many random directions to check each of them; 0 means element by element
 * @param smooth whether a place where the expression is not smooth fails instead of being skipped
 * @param seed chooses drawn values, directions, weights and the expression's own random numbers
 */
public record GradCheck(
        Expr expr,
        Map<String, Value> values,
        Map<String, Initializer> drawn,
        Map<String, UnaryOperator<Expr>> gradients,
        List<String> wrt,
        double tolerance,
        int directions,
        boolean smooth,
        long seed) {
    /** Copies the collections and checks the numbers. */
    public GradCheck {
        values = copy(values);
        drawn = copy(drawn);
        gradients = copy(gradients);
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
        return new GradCheck(expr, Map.of(), Map.of(), Map.of(), List.of(), 1e-6, 0, false, 0);
    }

    /**
     * A check of a loss by its output, an input of that name; to check it by the {@code target}, too, add
     * {@code .wrt("output", "target")}.
     */
    public static GradCheck of(Loss loss, Tensor output, Tensor target) {
        return Subjects.of(loss, output, target).wrt(Subjects.OUTPUT);
    }

    /** A check of a loss of any number of inputs by all that are floating point; they have the names that it says. */
    public static GradCheck of(MultiLoss loss, Tensor... inputs) {
        return Subjects.of(loss, inputs);
    }

    /**
     * A check of a layer, in training, by its {@code input} and its parameters. Parameters are drawn by their initializers
     * and the input from the normal distribution; {@link #with(String, Tensor)} gives them other values.
     *
     * <p>With more than 256 elements in all it goes along three random directions of each.
     *
     * @param input the shape of the input, batch along the first axis
     * @throws ShapeException if the input does not fit
     */
    public static GradCheck of(Layer layer, Shape input) {
        return Subjects.of(layer, input);
    }

    /** A check of a layer at an input. */
    public static GradCheck of(Layer layer, Tensor input) {
        return Subjects.of(layer, input.shape()).with(Subjects.INPUT, input);
    }

    /**
     * A check of a layer that takes several values, by its floating-point inputs and its parameters. The layer gets the
     * first input and finds all of them by their names.
     */
    public static GradCheck of(Layer layer, Tensors inputs) {
        return Subjects.of(layer, inputs);
    }

    /** A check of a model with its loss at a batch, by its {@code input} and its parameters. */
    public static GradCheck of(Layer model, Loss loss, Tensor input, Tensor target) {
        return Subjects.of(model, loss, input, target);
    }

    /** This check with the value of an input or parameter. */
    public GradCheck with(String name, Value value) {
        return with(Map.of(name, value));
    }

    /** This check with the value of an input or parameter. */
    public GradCheck with(String name, Tensor value) {
        return with(name, value.toValue());
    }

    /** This check with the values of inputs and parameters. */
    public GradCheck with(Map<String, Value> all) {
        return new GradCheck(expr, plus(values, all), drawn, gradients, wrt, tolerance, directions, smooth, seed);
    }

    /** This check with the values of inputs and parameters, as a model gives them. */
    public GradCheck tensors(Map<String, Tensor> all) {
        Map<String, Value> more = new LinkedHashMap<>();
        all.forEach((name, tensor) -> more.put(name, tensor.toValue()));
        return with(more);
    }

    /** This check with an input or parameter that is drawn anew for each {@link #seed()}, if it is given no value. */
    public GradCheck draw(String name, Initializer initializer) {
        return new GradCheck(
                expr,
                values,
                plus(drawn, Map.of(name, initializer)),
                gradients,
                wrt,
                tolerance,
                directions,
                smooth,
                seed);
    }

    /**
     * This check of a gradient written by hand, in place of the derived one.
     *
     * @param name an input or parameter
     * @param gradient from the gradient of an objective by this expression, of its shape, makes the gradient by the
     *     input
     */
    public GradCheck gradient(String name, UnaryOperator<Expr> gradient) {
        return new GradCheck(
                expr, values, drawn, plus(gradients, Map.of(name, gradient)), wrt, tolerance, directions, smooth, seed);
    }

    /**
     * This check of a scalar's gradient written by hand, in place of the derived one.
     *
     * @throws ShapeException if the expression is not a scalar
     */
    public GradCheck gradient(String name, Expr gradient) {
        if (expr.shape().size() != 1) {
            throw new ShapeException(Errors.notAScalar(expr.shape()));
        }
        return gradient(name, g -> gradient.mul(g.reshape(Shape.scalar())));
    }

    /** This check, differentiating by the named inputs and parameters only. */
    public GradCheck wrt(String... names) {
        return new GradCheck(expr, values, drawn, gradients, List.of(names), tolerance, directions, smooth, seed);
    }

    /** This check with another tolerance. */
    public GradCheck tolerance(double largest) {
        return new GradCheck(expr, values, drawn, gradients, wrt, largest, directions, smooth, seed);
    }

    /**
     * This check along random directions of each input and parameter; 0 means element by element. If a direction
     * fails, the report names the element that contributes most to the error.
     */
    public GradCheck directions(int count) {
        return new GradCheck(expr, values, drawn, gradients, wrt, tolerance, count, smooth, seed);
    }

    /** This check, failing at places where the expression is not smooth, or skipping them, as by default. */
    public GradCheck smooth(boolean required) {
        return new GradCheck(expr, values, drawn, gradients, wrt, tolerance, directions, required, seed);
    }

    /** This check with other random numbers. */
    public GradCheck seed(long other) {
        return new GradCheck(expr, values, drawn, gradients, wrt, tolerance, directions, smooth, other);
    }

    /**
     * Computes and compares.
     *
     * @throws IllegalArgumentException if a name is not one of the expression's, or holds integers
     * @throws IllegalStateException if an input or parameter has no value
     * @throws ShapeException if a gradient that was written by hand has another shape than its input
     */
    public Report run() {
        Comparison comparison = new Comparison(this);
        variables().forEach(comparison::compare);
        return comparison.report();
    }

    /**
     * The values of all inputs and parameters, the drawn ones too, in the order of their first use.
     *
     * @throws IllegalArgumentException if a value is given for a name that is not one of the expression's
     * @throws IllegalStateException if an input or parameter has no value
     */
    public Map<String, Value> bindings() {
        Map<String, Expr> leaves = Subjects.leaves(expr);
        values.keySet().forEach(name -> require(leaves, name));
        Map<String, Value> bindings = new LinkedHashMap<>();
        leaves.forEach((name, leaf) -> bindings.put(name, value(name, leaf.shape())));
        return bindings;
    }

    private Value value(String name, Shape shape) {
        Value value = values.get(name);
        if (value != null) {
            return value;
        }
        Initializer initializer = drawn.get(name);
        if (initializer == null) {
            throw new IllegalStateException(Errors.unbound(name));
        }
        return Subjects.draw(name, shape, initializer, seed);
    }

    /** The names of the inputs and parameters that {@link #run()} checks. */
    public List<String> variables() {
        Map<String, Expr> leaves = Subjects.leaves(expr);
        gradients.keySet().forEach(name -> require(leaves, name));
        for (String name : wrt) {
            if (require(leaves, name).dtype() != DType.FLOAT) {
                throw new IllegalArgumentException(Errors.integers(name));
            }
        }
        return leaves.keySet().stream()
                .filter(name -> wrt.isEmpty() ? require(leaves, name).dtype() == DType.FLOAT : wrt.contains(name))
                .toList();
    }

    /**
     * The gradient by an input or parameter: of the sum of the expression's elements times those of {@code outer}.
     *
     * @param name the input or parameter
     * @param outer of the expression's shape
     */
    public Expr backward(String name, Expr outer) {
        Expr leaf = require(Subjects.leaves(expr), name);
        UnaryOperator<Expr> own = gradients.get(name);
        Expr gradient = own != null
                ? own.apply(outer)
                : Gradients.of(expr.mul(outer).sum(), List.of(leaf)).get(0);
        if (!gradient.shape().equals(leaf.shape())) {
            throw new ShapeException(Errors.gradientShape(name, leaf.shape(), gradient.shape()));
        }
        return gradient;
    }

    private static Expr require(Map<String, Expr> leaves, String name) {
        Expr leaf = leaves.get(name);
        if (leaf == null) {
            throw new IllegalArgumentException(Errors.unknownName(name, leaves.keySet()));
        }
        return leaf;
    }

    private static <V> Map<String, V> copy(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    private static <V> Map<String, V> plus(Map<String, V> map, Map<String, V> more) {
        Map<String, V> all = new LinkedHashMap<>(map);
        all.putAll(more);
        return all;
    }
}
