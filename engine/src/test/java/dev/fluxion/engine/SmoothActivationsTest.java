package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How exact activations without a bend are, and hardSwish, tails included, and what they make of infinities: few elements in Java, many natively. */
class SmoothActivationsTest {
    private static final double U = 0x1p-24;

    /** Those whose kernels are off by a part of x. */
    private static final List<String> ABSOLUTE = List.of("mish", "geluTanh", "hardSwish");

    private final Map<String, double[]> found = new LinkedHashMap<>();
    private final Map<String, double[]> exact = new LinkedHashMap<>();

    @ParameterizedTest
    @ValueSource(ints = {16, 1 << 14})
    void areAsExactAsTheySay(int size) {
        double[] x = new double[size];
        Arrays.setAll(x, i -> (float) (-14 + 22.0 * i / size));
        compute(x, 1);
        boolean java = size < 64;
        for (int i = 0; i < size; i++) {
            close("gelu", i, java ? U * Math.abs(exact.get("gelu")[i]) + Float.MIN_VALUE : 4e-7 * Math.abs(x[i]));
            close("silu", i, (java ? 1 : 16) * U * Math.abs(exact.get("silu")[i]));
            for (String name : ABSOLUTE) {
                close(name, i, java ? U * Math.abs(exact.get(name)[i]) + Float.MIN_VALUE : 4e-7 * Math.abs(x[i]));
            }
        }
    }

    /** As in PyTorch, of −∞ they are NaN. What is infinite stays so or becomes NaN. */
    @ParameterizedTest
    @ValueSource(ints = {16, 1 << 14})
    void infinitiesAreNoNumbersAfterwards(int size) {
        double[] x = new double[size];
        Arrays.setAll(x, i -> i % 2 == 0 ? -1 : 1);
        compute(x, 0);
        for (int i = 0; i < size; i++) {
            Double expected = i % 2 == 0 ? Double.NaN : Double.POSITIVE_INFINITY;
            assertThat((Double) exact.get("gelu")[i]).isEqualTo(expected);
            assertThat((Double) exact.get("silu")[i]).isEqualTo(expected);
            assertThat((Double) found.get("silu")[i]).isEqualTo(expected);
            assertThat((Double) found.get("gelu")[i]).isIn(expected, Double.NaN);
            for (String name : ABSOLUTE) {
                assertThat((Double) exact.get(name)[i]).as(name).isEqualTo(expected);
                assertThat((Double) found.get(name)[i]).as(name).isEqualTo(expected);
            }
        }
    }

    private void close(String name, int i, double allowed) {
        double error = Math.abs(found.get(name)[i] - exact.get(name)[i]);
        assertThat(error).as("%s, near %s", name, exact.get(name)[i]).isLessThanOrEqualTo(allowed);
    }

    /** Computes the functions of numbers divided by another, natively and by the interpreter. */
    private void compute(double[] numbers, double divisor) {
        Expr x = Expr.input("x", Shape.of(numbers.length));
        Expr d = Expr.input("d", Shape.of(1));
        Expr y = x.div(d);
        Graph graph = Graph.of(Map.of(
                "gelu",
                y.gelu(),
                "silu",
                y.silu(),
                "mish",
                y.mish(),
                "geluTanh",
                y.geluTanh(),
                "hardSwish",
                y.hardSwish()));
        Map<String, Value> values =
                Map.of("x", new Value(x.shape(), numbers), "d", new Value(d.shape(), new double[] {divisor}));
        Interpreter interpreter = Match.interpreter(values, 1);
        try (Parameters parameters = Match.parameters(graph, values);
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            Match.write(program, graph, values);
            program.run();
            interpreter.run(graph).forEach((name, value) -> {
                exact.put(name, value.data());
                found.put(name, program.read(name).toValue().data());
            });
        }
    }
}
