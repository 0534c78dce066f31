package dev.fluxion.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** Runs layers and losses on the interpreter and compares their gradients with central differences. */
public final class Numeric {
    private static final double STEP = 1e-6;

    private Numeric() {}

    public static Value value(Shape shape, double... data) {
        return new Value(shape, data);
    }

    public static Value vector(double... data) {
        return new Value(Shape.of(data.length), data);
    }

    public static Value normal(Shape shape, long seed) {
        return new Value(shape, new Random(seed).doubles(shape.size(), -2, 2).toArray());
    }

    /** The output of a layer whose parameters got their first values. */
    public static Value run(Layer layer, boolean training, Value x) {
        Scope scope = Scope.root(training);
        Expr y = layer.apply(scope, Expr.input("input", x.shape()));
        return interpreter(scope, x).evaluate(y);
    }

    public static Interpreter interpreter(Scope scope, Value x) {
        Interpreter interpreter = new Interpreter().seed(7).bind("input", x);
        Random random = new Random(1);
        for (Scope.Parameter p : scope.declared().values()) {
            float[] data = new float[p.expr().shape().size()];
            p.initializer().fill(data, p.expr().shape(), random);
            double[] wide = new double[data.length];
            for (int i = 0; i < wide.length; i++) {
                wide[i] = data[i];
            }
            interpreter.bind(p.name(), new Value(p.expr().shape(), wide));
        }
        return interpreter;
    }

    /** Checks the gradients of a layer with respect to its input and its parameters. */
    public static void checkGradient(Layer layer, boolean training, Value x) {
        Scope scope = Scope.root(training);
        Expr input = Expr.input("input", x.shape());
        Expr y = layer.apply(scope, input);
        Interpreter interpreter = interpreter(scope, x);
        Map<String, Expr> leaves = new LinkedHashMap<>();
        leaves.put("input", input);
        scope.parameters().values().forEach(p -> leaves.put(p.name(), p.expr()));
        Expr mixed = y.mul(Expr.input("mix", y.shape()));
        interpreter.bind("mix", normal(y.shape(), 11));
        check(mixed.sum(), leaves, interpreter);
    }

    /** Checks the gradient of a loss with respect to its output and, if it is differentiable, its target. */
    public static void checkGradient(BinaryOperator<Expr> loss, Value x, Value target, boolean floating) {
        Expr output = Expr.input("x", x.shape());
        Expr goal = floating ? Expr.input("y", target.shape()) : Expr.input("y", target.shape(), DType.INT);
        Interpreter interpreter = new Interpreter().bind("x", x).bind("y", target);
        Map<String, Expr> leaves = new LinkedHashMap<>(Map.of("x", output));
        if (floating) {
            leaves.put("y", goal);
        }
        check(loss.apply(output, goal).sum(), leaves, interpreter);
    }

    private static void check(Expr objective, Map<String, Expr> leaves, Interpreter interpreter) {
        List<Value> gradients = interpreter.evaluate(Gradients.of(objective, new ArrayList<>(leaves.values())));
        int i = 0;
        for (String name : leaves.keySet()) {
            Value at = interpreter.value(name);
            Value direction = normal(at.shape(), 100 + i);
            double expected = 0;
            for (int k = 0; k < direction.data().length; k++) {
                expected += gradients.get(i).data()[k] * direction.data()[k];
            }
            double ahead = moved(objective, interpreter, name, at, direction, STEP);
            double behind = moved(objective, interpreter, name, at, direction, -STEP);
            interpreter.bind(name, at);
            double slope = (ahead - behind) / (2 * STEP);
            assertThat(expected).as("slope along %s", name).isCloseTo(slope, within(1e-5 + 1e-5 * Math.abs(slope)));
            i++;
        }
    }

    private static double moved(
            Expr objective, Interpreter interpreter, String name, Value at, Value direction, double step) {
        double[] data = at.data().clone();
        for (int k = 0; k < data.length; k++) {
            data[k] += step * direction.data()[k];
        }
        return interpreter
                .bind(name, new Value(at.shape(), data))
                .evaluate(objective)
                .item();
    }

    /** The gradient of a scalar function of one input. */
    public static double[] gradient(UnaryOperator<Expr> function, Value x) {
        Expr input = Expr.input("x", x.shape());
        Expr objective = function.apply(input);
        return new Interpreter()
                .bind("x", x)
                .evaluate(Gradients.of(objective, List.of(input)).get(0))
                .data();
    }
}
