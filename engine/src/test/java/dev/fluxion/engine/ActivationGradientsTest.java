package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.UnaryFn;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The gradients of activations of many elements are native steps; those that only look like one are not. */
class ActivationGradientsTest {
    private static final int SIZE = 1 << 14;
    private static final Shape SHAPE = Shape.of(SIZE);

    private final Expr x = Expr.input("x", SHAPE);
    private final Expr g = Expr.input("g", SHAPE);
    private final double[] xs = new double[SIZE];
    private final Map<String, Value> values = new LinkedHashMap<>();
    private final Map<String, double[]> exact = new LinkedHashMap<>();
    private final Map<String, double[]> found = new LinkedHashMap<>();

    ActivationGradientsTest() {
        Arrays.setAll(xs, i -> (float) (-14 + 22.0 * i / SIZE));
        double[] gs = new double[SIZE];
        Arrays.setAll(gs, i -> i % 2 == 0 ? 1 : -0.5);
        values.put("x", new Value(SHAPE, xs));
        values.put("g", new Value(SHAPE, gs));
    }

    @ParameterizedTest
    @CsvSource({
        "RELU, 0, 0",
        "LEAKY_RELU, 0.2, 3e-8",
        "LEAKY_RELU, -0.5, 0",
        "ELU, 1, 3e-7",
        "ELU, 1.75, 6e-7",
        "TANH, 0, 2e-7",
        "SIGMOID, 0, 1e-7",
        "GELU, 0, 4e-7",
        "GELU_TANH, 0, 8e-7",
        "SILU, 0, 6e-7",
        "MISH, 0, 6e-7"
    })
    void areNativeAndExact(UnaryFn fn, double alpha, double allowed) {
        Expr y = activation(fn, alpha, x);
        assertThat(run(Map.of("dx", gradient(y))))
                .contains(fn + " gradient")
                .as("nothing is computed besides")
                .allMatch(step -> step.startsWith(fn.toString()));
        isWithin(allowed);
    }

    @ParameterizedTest
    @MethodSource("dev.fluxion.engine.rule.NativeGradients#all")
    void ofEachFunctionThatTheLibraryDifferentiatesAreNative(UnaryFn fn) {
        areNativeAndExact(fn, fn.parameterised() ? 0.5 : 0, 8e-7);
    }

    /** A slope of 1 between bounds, with them or without; also of infinite numbers and NaN, whose gradient is 0 or NaN. */
    @Test
    void ofClippedNumbersAreNativeAndExact() {
        double[] odd = {
            -1,
            Math.nextUp(-1f),
            Math.nextDown(-1f),
            6,
            Math.nextDown(6f),
            Math.nextUp(6f),
            0,
            -0.0,
            Float.MIN_VALUE,
            3,
            5
        };
        System.arraycopy(odd, 0, xs, 100, odd.length);
        Expr divided = x.div(x.mul(x.sub(3)).mul(x.sub(5)));
        for (double least : new double[] {-1, 0}) {
            for (boolean closed : new boolean[] {true, false}) {
                for (Expr of : List.of(x, divided.mul(100))) {
                    Expr y = new Expr(new Elementwise.Clip(least, 6, closed), List.of(of));
                    assertThat(run(Map.of(
                                    "dx",
                                    Gradients.of(y.mul(g).sum(), List.of(of)).get(0))))
                            .contains("clip gradient")
                            .noneMatch(step -> step.contains("relu"));
                    isWithin(0);
                }
            }
        }
    }

    /** Also where the forward kernel is part of a step with others, and where layouts are blocked. */
    @ParameterizedTest
    @CsvSource({"GELU", "GELU_TANH", "SILU", "MISH", "ELU", "LEAKY_RELU"})
    void areNativeBehindConvolutions(UnaryFn fn) {
        Expr image = x.reshape(4, 16, 16, 16);
        Expr w = Expr.input("w", Shape.of(16, 16, 1, 1));
        double[] weights = new double[256];
        Arrays.setAll(weights, i -> (i * 37 % 64 - 32) / 512f);
        values.put("w", new Value(w.shape(), weights));
        Expr y = activation(fn, fn.parameterised() ? 0.5 : 0, image.conv(w, ConvSpec.of()));
        Expr objective = y.mul(g.reshape(y.shape())).sum();
        assertThat(run(Map.of("dx", Gradients.of(objective, List.of(x)).get(0))))
                .anyMatch(s -> s.endsWith(fn + " gradient"));
        isWithin(2e-6);
    }

    /** An elu that falls left of 0 has no derivative by its result. */
    @Test
    void fallingFunctionsAreLeftToOthers() {
        assertThat(run(Map.of("dx", gradient(x.elu(-0.5))))).noneMatch(s -> s.endsWith("gradient"));
        isWithin(3e-7);
    }

    @Test
    void constantsAreThoseOfEachFunction() {
        Expr y = x.elu(0.5)
                .add(x.mul(0.25).elu(1.5))
                .add(x.mul(2).leakyRelu(0.1))
                .add(x.mul(3).leakyRelu(-0.3));
        assertThat(run(Map.of("dx", gradient(y))))
                .filteredOn(s -> s.endsWith("gradient"))
                .hasSize(4);
        isWithin(1e-6);
    }

    /** √½·(3·x) stays a product of its own, as 3·x is read elsewhere. */
    @Test
    void ofMultiplesAreNative() {
        assertThat(run(Map.of("dx", gradient(x.mul(3).gelu())))).contains("gelu gradient");
        isWithin(2e-6);
    }

    @Test
    void ofMeansAreNative() {
        Expr mean = x.gelu().mean();
        assertThat(run(Map.of("dx", Gradients.of(mean, List.of(x)).get(0)))).contains("gelu gradient");
        isWithin(1e-6 / SIZE);
    }

    /** Who reads an operator of the gradient, too, gets it. */
    @Test
    void operatorsThatOthersReadAreComputed() {
        Expr cdf = x.mul(Math.sqrt(0.5)).erf().add(1).mul(0.5);
        run(Map.of(
                "dx",
                gradient(x.silu()),
                "s",
                x.sigmoid(),
                "gelu",
                gradient(x.gelu()),
                "more",
                cdf.mul(g).add(2)));
        isWithin(2e-6);
    }

    /** s + y·(1 − s) is the slope of silu only if s is the sigmoid of what y is silu of. */
    @Test
    void whatLooksLikeAnotherFunctionIsNotTakenForIt() {
        Expr s = x.sigmoid();
        Expr rest = s.neg().add(1);
        Expr positive = x.gt(0);
        Expr one = Expr.constant(1);
        Expr density = x.square().mul(-0.5).exp().mul(0.4);
        List<Expr> alike = List.of(
                s.add(x.tanh().mul(rest)),
                s.add(x.mul(2).silu().mul(rest)),
                positive.where(one, x.elu(2).add(1.5)),
                positive.where(one, x.mul(2).elu(1).add(1)),
                x.mul(Math.sqrt(0.5)).erf().add(1).mul(0.5).add(x.mul(density)));
        for (Expr slope : alike) {
            assertThat(run(Map.of("dx", slope.mul(g)))).noneMatch(step -> step.endsWith("gradient"));
            isWithin(2e-6);
        }
    }

    /** That of large numbers is the limit, not NaN. */
    @ParameterizedTest
    @CsvSource({"GELU", "SILU"})
    void farFromZero(UnaryFn fn) {
        double[] far = {1e30, -1e30, 1e18, -1e18, 200, -200, 40, -40, -0.0};
        System.arraycopy(far, 0, xs, 0, far.length);
        values.put("x", new Value(SHAPE, xs));
        run(Map.of("dx", gradient(activation(fn, 0, x))));
        isWithin(6e-7);
    }

    private static Expr activation(UnaryFn fn, double alpha, Expr of) {
        return new Expr(new Elementwise.Unary(fn, alpha), List.of(of));
    }

    private Expr gradient(Expr y) {
        return Gradients.of(y.mul(g).sum(), List.of(x)).get(0);
    }

    private void isWithin(double allowed) {
        exact.forEach((name, expected) -> {
            for (int i = 0; i < expected.length; i++) {
                double actual = found.get(name)[i];
                boolean same =
                        Double.isNaN(expected[i]) ? Double.isNaN(actual) : Math.abs(actual - expected[i]) <= allowed;
                assertThat(same)
                        .as("%s, element %d: %s, not %s", name, i, actual, expected[i])
                        .isTrue();
            }
        });
    }

    /** Computes a graph natively and by the interpreter, and tells the steps. */
    private List<String> run(Map<String, Expr> outputs) {
        Graph graph = Graph.of(outputs);
        try (Parameters parameters = Match.parameters(graph, values);
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            Match.write(program, graph, values);
            program.run();
            Interpreter interpreter = Match.interpreter(values, 1);
            interpreter.run(graph).forEach((name, value) -> {
                exact.put(name, value.data());
                found.put(name, program.read(name).toValue().data());
            });
            return program.explain().steps().stream()
                    .flatMap(line -> Collections.nCopies(line.count(), line.operator()).stream())
                    .toList();
        }
    }
}
