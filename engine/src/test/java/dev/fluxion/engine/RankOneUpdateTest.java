package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.ValueException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Single samples: gradients of weights are outer products, which are added to the weights without being computed. */
class RankOneUpdateTest {
    /** Enough weights for pieces that threads share. */
    private static final int IN = 300;

    private static final int OUT = 350;
    private static final int LAST = 7;
    private static final Expr V = Expr.parameter("v", Shape.of(OUT, IN));
    private static final Expr W = Expr.parameter("w", Shape.of(LAST, OUT));
    private static final Expr B = Expr.parameter("b", Shape.of(OUT));
    private static final Expr HIDDEN =
            Expr.input("x", Shape.of(1, IN)).matmul(V.transposeLast()).add(B).tanh();
    private static final Expr LAST_LAYER = HIDDEN.matmul(W.transposeLast());
    private static final Expr LOSS = LAST_LAYER.square().sum();

    private static Graph graph(Expr loss, Update.Rule rule, Expr... trained) {
        List<Expr> all = List.of(trained);
        return Graph.of(
                new Graph.Stage("forward", Map.of("loss", loss), List.of()),
                new Graph.Stage("update", Map.of(), List.of(new Update(all, Gradients.of(loss, all), rule))));
    }

    private static Tensor random(int seed, int... dims) {
        Random random = new Random(seed);
        float[] values = new float[Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.05 * random.nextGaussian());
        }
        return Tensor.of(values, dims);
    }

    private static Parameters parameters() {
        return Parameters.of(Map.of("v", random(1, OUT, IN), "w", random(2, LAST, OUT), "b", random(3, OUT)));
    }

    private static List<String> updates(Program program) {
        return program.explain().steps().stream()
                .map(Explanation.Line::operator)
                .filter(operator -> operator.startsWith("update"))
                .toList();
    }

    private static void agrees(Graph graph, Parameters parameters, Program program, Map<String, Shape> inputs) {
        Interpreter oracle = new Interpreter();
        parameters.values().forEach((name, value) -> oracle.bind(name, value.toValue()));
        program.state().learningRate(0.03);
        for (int step = 0; step < 4; step++) {
            for (Map.Entry<String, Shape> input : inputs.entrySet()) {
                Tensor x = random(10 + step, input.getValue().dims());
                program.write(input.getKey(), x);
                oracle.bind(input.getKey(), x.toValue());
            }
            program.run();
            oracle.learningRate(0.03).run(graph);
        }
        for (String name : parameters.names()) {
            double[] expected = oracle.value(name).data();
            double[] got = parameters.get(name).toValue().data();
            for (int i = 0; i < expected.length; i++) {
                assertThat(got[i]).as("%s[%d]", name, i).isCloseTo(expected[i], Offset.offset(1e-6));
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> everyRuleTrainsAsItIsMeant() {
        return UpdateRules.ALL.entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> {
                    Graph graph = graph(LOSS, rule.getValue(), V, W, B);
                    try (Parameters parameters = parameters()) {
                        Program program = Compiler.compile(graph, parameters, new Options(2));
                        agrees(graph, parameters, program, Map.of("x", Shape.of(1, IN)));
                    }
                }));
    }

    /** The gradient of what a layer reads is a sum of what its rows give. */
    @Test
    void rowsOfALayerInTheMiddleGiveSummands() {
        Expr middle = Expr.parameter("middle", Shape.of(256, OUT));
        Expr loss = HIDDEN.matmul(middle.transposeLast()).square().sum();
        Graph graph = graph(loss, UpdateRules.ALL.get("momentum"), V, B, middle);
        Map<String, Tensor> values =
                Map.of("v", random(1, OUT, IN), "b", random(3, OUT), "middle", random(2, 256, OUT));
        for (int threads = 1; threads <= 2; threads++) {
            try (Parameters parameters = Parameters.of(values)) {
                Program program = Compiler.compile(graph, parameters, new Options(threads));
                assertThat(program.explain().steps())
                        .anyMatch(s -> s.count() == 2 && s.writes().equals(List.of("1x" + OUT + " f32 ab")));
                agrees(graph, parameters, program, Map.of("x", Shape.of(1, IN)));
            }
        }
    }

    /** A column of a matrix has gaps between its numbers. */
    @Test
    void factorsAreTakenFromMatrices() {
        Expr columns = Expr.input("columns", Shape.of(OUT, 4));
        Expr rows = Expr.input("rows", Shape.of(IN, 3)).transposeLast();
        Expr gradient = columns.slice(1, 2, 3).matmul(rows.slice(0, 1, 2));
        Update update = new Update(List.of(V), List.of(gradient), TinyNet.SGD);
        Graph graph = Graph.of(new Graph.Stage("update", Map.of(), List.of(update)));
        try (Parameters parameters = parameters()) {
            Program program =
                    Compiler.compile(graph, parameters, RunState.of(parameters), new Options(1), g -> Optional.empty());
            assertThat(updates(program)).allMatch(step -> step.endsWith("(outer product)"));
            agrees(graph, parameters, program, Map.of("columns", Shape.of(OUT, 4), "rows", Shape.of(IN, 3)));
        }
    }

    /** Weight decay adds a multiple of what is changed: a block at a time, of matrices as of vectors, with a rest at the end. */
    @Test
    void whatIsAddedIsSummedUpInBlocks() {
        Expr e = Expr.parameter("e", Shape.of(OUT * IN));
        Expr loss = LOSS.add(e.mul(Expr.input("y", Shape.of(OUT * IN))).sum());
        Map<String, Tensor> values = Map.of(
                "v", random(1, OUT, IN), "w", random(2, LAST, OUT), "b", random(3, OUT), "e", random(4, OUT * IN));
        for (String rule : List.of("decay", "nesterov with decay")) {
            Graph graph = graph(loss, UpdateRules.ALL.get(rule), V, W, B, e);
            try (Parameters parameters = Parameters.of(values)) {
                Program program = Compiler.compile(graph, parameters, new Options(2));
                assertThat(updates(program))
                        .filteredOn(step -> step.startsWith("update v"))
                        .contains(
                                rule.equals("decay")
                                        ? "update v: add gradient (outer product), value to value"
                                        : "update v: add velocity, gradient (outer product), value to value");
                agrees(graph, parameters, program, Map.of("x", Shape.of(1, IN), "y", Shape.of(OUT * IN)));
            }
        }
    }

    /** Gradients that are not gathered take no room, also where they would lie between those that are. */
    @Test
    void roomIsMadeForTheOtherGradients() {
        Expr c = Expr.parameter("c", Shape.of(LAST));
        Expr loss = LAST_LAYER.add(c).square().sum();
        Map<String, Tensor> values = new LinkedHashMap<>();
        values.put("b", random(3, OUT));
        values.put("v", random(1, OUT, IN));
        values.put("c", random(4, LAST));
        values.put("w", random(2, LAST, OUT));
        for (Expr[] trained : new Expr[][] {{V, W, B, c}, {c, B}, {V, c}, {B}}) {
            Graph graph = graph(loss, UpdateRules.ALL.get("momentum"), trained);
            try (Parameters parameters = Parameters.of(values)) {
                Program program = Compiler.compile(graph, parameters, new Options(2));
                assertThat(program.explain().arenaBytes()).isLessThan(OUT * IN);
                agrees(graph, parameters, program, Map.of("x", Shape.of(1, IN)));
            }
        }
    }

    /** Threads share a large gradient, whose parameter is not the first. */
    @Test
    void largeGradientsAreGatheredBehindOthers() {
        Map<String, Tensor> values = new LinkedHashMap<>();
        values.put("w", random(2, LAST, OUT));
        values.put("b", random(3, OUT));
        values.put("v", random(1, OUT, IN));
        Graph graph = graph(LOSS, UpdateRules.ALL.get("adam"), V, B);
        try (Parameters parameters = Parameters.of(values)) {
            Program program = Compiler.compile(graph, parameters, new Options(2));
            agrees(graph, parameters, program, Map.of("x", Shape.of(1, IN)));
        }
    }

    @Test
    void gradientsAreNotComputedWhereRulesAddMultiplesOfThem() {
        try (Parameters parameters = parameters()) {
            Program program =
                    Compiler.compile(graph(LOSS, UpdateRules.ALL.get("nesterov"), V, W, B), parameters, new Options(1));
            for (String weights : List.of("v", "w")) {
                assertThat(updates(program))
                        .contains(
                                "update " + weights + ": scale velocity",
                                "update " + weights + ": add gradient to velocity (outer product)",
                                "update " + weights + ": add velocity to value",
                                "update " + weights + ": add gradient to value (outer product)");
            }
            assertThat(updates(program)).contains("update b: add gradient to value");
            Program adam =
                    Compiler.compile(graph(LOSS, UpdateRules.ALL.get("adam"), V, W, B), parameters, new Options(1));
            assertThat(updates(adam)).allMatch(operator -> operator.startsWith("update 3 parameters: mul"));
        }
    }

    @Test
    void threadsDoNotChangeABit() {
        assertThat(Stream.of(1, 2, 4, 8).map(RankOneUpdateTest::trained).distinct())
                .hasSize(1);
    }

    private static Map<String, Tensor> trained(int threads) {
        try (Parameters parameters = parameters()) {
            Program program = Compiler.compile(
                    graph(LOSS, UpdateRules.ALL.get("momentum"), V, W, B), parameters, new Options(threads));
            program.state().learningRate(0.03);
            for (int step = 0; step < 5; step++) {
                program.write("x", random(step, 1, IN));
                program.run();
            }
            return parameters.values();
        }
    }

    /** Each is updated from the other's value before the step. */
    @Test
    void factorsThatAreParametersAreReadBeforeTheyChange() {
        Expr u = Expr.parameter("u", Shape.of(1, 1500));
        Expr z = Expr.parameter("z", Shape.of(1500, 1));
        Expr loss = u.matmul(z).sub(Expr.input("x", Shape.of(1, 1))).square().sum();
        Graph graph = graph(loss, (w, g, state) -> w.sub(g.mul(state.learningRate())), u, z);
        try (Parameters parameters =
                Parameters.of(Map.of("u", Tensor.full(0.01f, 1, 1500), "z", Tensor.full(0.02f, 1500, 1)))) {
            agrees(graph, parameters, Compiler.compile(graph, parameters, new Options(1)), Map.of("x", Shape.of(1, 1)));
        }
    }

    @Test
    void gradientsThatSomebodyReadsAreComputed() {
        Expr gradient = Gradients.of(LOSS, List.of(V)).get(0);
        Update update = new Update(List.of(V), List.of(gradient), TinyNet.SGD);
        Graph graph = Graph.of(new Graph.Stage("main", Map.of("gradient", gradient), List.of(update)));
        try (Parameters parameters = parameters()) {
            Program program = Compiler.compile(graph, parameters, new Options(1));
            assertThat(updates(program)).allMatch("update v: add gradient to value"::equals);
            agrees(graph, parameters, program, Map.of("x", Shape.of(1, IN)));
            assertThat(program.read("gradient").floats()).isNotEqualTo(new float[OUT * IN]);
        }
    }

    /** The factors of the gradient of {@code w} are x and c/d. */
    private record Factors(String name, float x, float c, float d, String message) {}

    @TestFactory
    Stream<DynamicTest> gradientsThatAreNoNumbersStopTheStep() {
        String stopped = "training stopped at step 1 before its update: the gradient of 'w' is ";
        return Stream.of(
                        new Factors("not a number", 1, 0, 0, stopped + "NaN"),
                        new Factors("infinite", 1, -1, 0, stopped + "-Infinity"),
                        new Factors("their product is infinite", 1e25f, 1e25f, 1, stopped + "Infinity"),
                        new Factors("their squares are infinite", 1e25f, 1e-20f, 1, ""))
                .map(f -> DynamicTest.dynamicTest(f.name, () -> stops(f)));
    }

    private static void stops(Factors f) {
        Expr w = Expr.parameter("w", Shape.of(40, 50));
        Expr x = Expr.input("x", Shape.of(1, 50));
        Expr c = Expr.input("c", Shape.of(1, 40));
        Expr loss = x.matmul(w.transposeLast())
                .mul(c.div(Expr.input("d", Shape.of(1, 40))))
                .sum();
        Update update = new Update(List.of(w), Gradients.of(loss, List.of(w)), TinyNet.SGD);
        Graph graph = Graph.of(new Graph.Stage("update", Map.of(), List.of(update)));
        try (Parameters parameters = Parameters.of(Map.of("w", Tensor.zeros(40, 50)))) {
            Program program = Compiler.compile(graph, parameters, new Options(1));
            assertThat(updates(program)).containsExactly("update w: add gradient to value (outer product)");
            float[] xs = new float[50];
            float[] cs = new float[40];
            Arrays.fill(xs, f.x);
            cs[39] = f.c;
            float[] ds = new float[40];
            Arrays.fill(ds, 1);
            ds[39] = f.d;
            program.write("x", Tensor.of(xs, 1, 50));
            program.write("c", Tensor.of(cs, 1, 40));
            program.write("d", Tensor.of(ds, 1, 40));
            program.state().learningRate(1);
            if (f.message.isEmpty()) {
                program.run();
                assertThat(parameters.get("w").floats()[1999]).isCloseTo(-f.x * f.c, Offset.offset(1f));
            } else {
                assertThatThrownBy(program::run)
                        .isInstanceOf(ValueException.class)
                        .hasMessageStartingWith(f.message);
                assertThat(parameters.get("w")).isEqualTo(Tensor.zeros(40, 50));
            }
        }
    }

    /** The gradients of {@code e} are checked piece by piece, each by the thread that changes a piece of {@code v}. */
    @Test
    void nothingChangesIfAnotherGradientIsNoNumber() {
        Expr e = Expr.parameter("e", Shape.of(OUT * IN));
        Expr y = Expr.input("y", Shape.of(OUT * IN));
        Expr loss = LOSS.add(e.mul(y.log()).sum());
        Update update = new Update(List.of(V, e), Gradients.of(loss, List.of(V, e)), TinyNet.SGD);
        Graph graph = Graph.of(new Graph.Stage("update", Map.of(), List.of(update)));
        Tensor v = random(1, OUT, IN);
        try (Parameters parameters = Parameters.of(
                Map.of("v", v, "w", random(2, LAST, OUT), "b", random(3, OUT), "e", Tensor.zeros(OUT * IN)))) {
            Program program = Compiler.compile(graph, parameters, new Options(1));
            float[] ys = new float[OUT * IN];
            Arrays.fill(ys, 1);
            ys[OUT * IN - 1] = -1;
            program.write("x", random(4, 1, IN));
            program.write("y", Tensor.vector(ys));
            program.state().learningRate(1);
            assertThatThrownBy(program::run).hasMessageContaining("the gradient of 'e' is NaN");
            assertThat(parameters.get("v")).isEqualTo(v);
        }
    }
}
