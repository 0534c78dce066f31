package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.engine.check.ErrorBound;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Concatenations of parameters, which predictions make once, whoever reads them: also what is itself made once. */
class JoinedWeightsTest {
    private final Leaves leaves = new Leaves(1);

    @TestFactory
    Stream<DynamicTest> areWholeWhoeverReadsThem() {
        Map<String, Expr> parts = new LinkedHashMap<>();
        for (int[] dims :
                new int[][] {{1, 1, 3, 3}, {2, 1, 3, 3}, {16, 16, 3, 3}, {1, 16, 3, 3}, {8, 24, 1, 1}, {4, 3, 5, 5}}) {
            String name = Shape.of(dims).toString();
            Expr a = leaves.parameter("a" + name, dims);
            parts.put(name + " twice", Expr.concat(0, List.of(a, a)));
            parts.put(name + " and another", Expr.concat(0, List.of(a, leaves.parameter("b" + name, dims))));
            parts.put(
                    name + " and zeros",
                    Expr.concat(0, List.of(a, Expr.constant(0).broadcastTo(a.shape()))));
            parts.put(
                    name + " and threes",
                    Expr.concat(0, List.of(a, Expr.constant(3).broadcastTo(a.shape()))));
            Expr numbers = Expr.constant(Tensor.of(leaves.values.get("a" + name)));
            Expr turned = Expr.constant(Tensor.of(turned(leaves.values.get("a" + name))))
                    .reshape(dims[1], dims[0], dims[2], dims[3])
                    .transpose(1, 0, 2, 3);
            parts.put(name + " and constants", Expr.concat(0, List.of(a, numbers, turned)));
            parts.put(name + " times constants", Expr.concat(0, List.of(a.mul(turned), numbers.square(), a)));
            parts.put(name + " and made of it", Expr.concat(0, List.of(a.tanh(), a.mul(2))));
            parts.put(name + " by channels", Expr.concat(1, List.of(a, leaves.parameter("c" + name, dims))));
            Expr within = Expr.concat(0, List.of(a, a.square()));
            parts.put(name + " of others", Expr.concat(0, List.of(within, a)));
        }
        return parts.entrySet().stream().flatMap(part -> readers(part.getValue()).entrySet().stream()
                .map(reader -> DynamicTest.dynamicTest(
                        part.getKey() + " " + reader.getKey(), () -> agrees(reader.getValue()))));
    }

    /** Who reads weights O×I×H×W. */
    private Map<String, Graph> readers(Expr w) {
        Map<String, Graph> all = new LinkedHashMap<>();
        Shape s = w.shape();
        Expr x = leaves.input("x" + s.dim(1), 2, s.dim(1), 6, 6);
        int rest = s.size() / s.dim(0);
        Expr rows = leaves.input("rows" + rest, 3, rest);
        Expr matrix = w.reshape(s.dim(0), rest);
        Map<String, Function<Expr, Expr>> made = new LinkedHashMap<>();
        made.put("", e -> e);
        made.put("transposed", e -> e.transpose(1, 0));
        made.put("squared", Expr::square);
        made.put("with constants", e -> e.mul(constants(s.dim(0), rest)));
        made.put("summed", e -> e.sumKeepDims(0));
        made.put("sliced", e -> e.slice(1, 1, 3));
        made.forEach((name, of) -> all.put("as " + name, of(Map.of("y", of.apply(matrix)))));
        made.forEach((name, of) -> all.put("beside a run's value, " + name, of(Map.of("y", scaled(of.apply(matrix))))));
        all.put("convolved", of(Map.of("y", x.conv(w, ConvSpec.of()))));
        all.put("convolved twice as much", of(Map.of("y", x.conv(w.mul(2), ConvSpec.of()))));
        all.put("multiplied", of(Map.of("y", rows.matmul(matrix.transpose(1, 0)))));
        all.put("multiplied and seen", of(Map.of("y", rows.matmul(matrix.transpose(1, 0)), "w", matrix)));
        all.put(
                "joined with a run's value",
                of(Map.of("y", Expr.concat(0, List.of(rows, matrix)), "z", matrix.transpose(1, 0))));
        return all;
    }

    private static Expr constants(int rows, int columns) {
        double[] all = new double[rows * columns];
        Arrays.setAll(all, i -> i % 7 - 3);
        return Expr.constant(Tensor.of(new Value(Shape.of(columns, rows), all))).transpose(1, 0);
    }

    private Expr scaled(Expr e) {
        return e.mul(leaves.input("scale", 1)
                .reshape(e.shape().with(0, 1).with(1, 1))
                .broadcastTo(e.shape()));
    }

    private static Graph of(Map<String, Expr> outputs) {
        return Graph.of(outputs);
    }

    /** In a first run, a second one, with other weights, and in a fork. */
    private void agrees(Graph graph) {
        List<List<Tensor>> answers = new ArrayList<>();
        for (int threads = 1; threads <= 2; threads++) {
            Map<String, Value> values = new LinkedHashMap<>(leaves.values);
            try (Parameters parameters = Match.parameters(graph, values);
                    Program program = Compiler.compile(graph, parameters, new Options(threads));
                    Program fork = program.fork()) {
                List<Tensor> all = new ArrayList<>();
                for (int round = 0; round < 3; round++) {
                    if (round == 2) {
                        for (Expr p : graph.parameters()) {
                            String name = ((dev.fluxion.ir.Leaf.Parameter) p.op()).name();
                            values.put(name, turned(values.get(name)));
                            parameters.set(name, Tensor.of(values.get(name)));
                        }
                    }
                    for (Program each : List.of(program, fork)) {
                        Match.write(each, graph, values);
                        each.run();
                        Match.check("round " + round, each, graph, new ErrorBound(Match.interpreter(values, 1)));
                        graph.stages().get(0).outputs().keySet().stream()
                                .sorted()
                                .forEach(name -> all.add(each.read(name)));
                    }
                }
                answers.add(all);
            }
        }
        assertThat(answers.get(1)).isEqualTo(answers.get(0));
    }

    private static Value turned(Value value) {
        double[] data = value.data().clone();
        for (int i = 0; i < data.length; i++) {
            data[i] = value.data()[data.length - 1 - i];
        }
        return new Value(value.shape(), data);
    }
}
