package dev.fluxion.engine.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Operators that are linear in an operand, and their adjoints. */
class LinearityTest {
    private static final int CASES = 15;

    private final SplittableRandom random = new SplittableRandom(5);

    /** f(2x − 3z) = 2f(x) − 3f(z). */
    @ParameterizedTest
    @CsvSource({
        "neg, x",
        "mul, a",
        "mul, b",
        "div, a",
        "sum, x",
        "mean of all, x",
        "reshape, x",
        "transpose, x",
        "broadcast, x",
        "slice, x",
        "gather, x",
        "scatterAdd, x",
        "matmul, a",
        "matmul, b",
        "conv, x",
        "conv, w",
        "convGradInput, dy",
        "convGradInput, w",
        "convGradWeight, x",
        "convGradWeight, dy",
        "maxPoolGrad, dy",
        "avgPool, x",
        "avgPoolGrad, dy",
        "stopGradient, x",
        "require, x"
    })
    void isLinear(String row, String name) {
        for (int seed = 0; seed < CASES; seed++) {
            Case c = OperatorCatalogue.row(row).at(seed);
            Value x = c.inputs().get(name);
            Value z = random(x);
            Value sum = at(c, name, Close.combine(2, x, -3, z));
            Close.check(row + " " + seed, sum, Close.combine(2, at(c, name, x), -3, at(c, name, z)), 1e-12);
        }
    }

    /** f(x) − f(0) is linear where other operands or a constant add to it. */
    @ParameterizedTest
    @CsvSource({"add, a", "add, b", "sub, a", "sub, b", "pad, x", "concat, x0", "concat, x1", "where, a", "where, b"})
    void isAffine(String row, String name) {
        for (int seed = 0; seed < CASES; seed++) {
            Case c = OperatorCatalogue.row(row).at(seed);
            Value x = c.inputs().get(name);
            Value z = random(x);
            Value base = at(c, name, Close.combine(0, x, 0, x));
            Value sum = Close.combine(1, at(c, name, Close.combine(2, x, -3, z)), -1, base);
            Value parts = Close.combine(
                    2, Close.combine(1, at(c, name, x), -1, base), -3, Close.combine(1, at(c, name, z), -1, base));
            Close.check(row + " " + seed, sum, parts, 1e-12);
        }
    }

    /** ⟨f(x), g⟩ = ⟨x, f*(g)⟩, the adjoint f* being what differentiation gives. */
    @ParameterizedTest
    @CsvSource({
        "neg, x",
        "mul, a",
        "sum, x",
        "reshape, x",
        "transpose, x",
        "broadcast, x",
        "slice, x",
        "gather, x",
        "scatterAdd, x",
        "matmul, a",
        "matmul, b",
        "conv, x",
        "conv, w",
        "convGradInput, dy",
        "convGradInput, w",
        "convGradWeight, x",
        "convGradWeight, dy",
        "avgPool, x",
        "avgPoolGrad, dy"
    })
    void derivativeIsTheAdjoint(String row, String name) {
        for (int seed = 0; seed < CASES; seed++) {
            Case c = OperatorCatalogue.row(row).at(seed);
            Value y = c.expected();
            Value g = random(y);
            Expr objective = c.output().mul(Expr.input("g", y.shape())).sum();
            Interpreter interpreter = c.interpreter().bind("g", g);
            Value adjoint = interpreter.evaluate(
                    Gradients.of(objective, List.of(c.leaf(name))).get(0));
            double size = Math.sqrt(Close.dot(y, y) * Close.dot(g, g)) + 1e-3;
            assertThat(Close.dot(c.inputs().get(name), adjoint))
                    .as(row + " " + seed)
                    .isCloseTo(Close.dot(y, g), within(1e-12 * size));
        }
    }

    private static Value at(Case c, String name, Value value) {
        return c.interpreter().bind(name, value).evaluate(c.output());
    }

    private Value random(Value like) {
        double[] data = new double[like.data().length];
        Arrays.setAll(data, i -> random.nextDouble(-1, 1));
        return new Value(like.shape(), data);
    }
}
