package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.ValueException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a program refuses, in which words, and that nothing has changed then. */
class BadInputTest {
    private record Misuse(String name, Class<? extends Exception> type, String message, Consumer<Program> use) {}

    private static final List<Misuse> MISUSES = List.of(
            misuse(
                    "unknown input",
                    "there is no input 'image'; there are [input, target]",
                    p -> p.write("image", Tensor.scalar(1))),
            misuse("unknown output", "there is no output 'los'; there are [loss]", p -> p.read("los")),
            misuse(
                    "unknown stage",
                    "there is no stage 'backward'; there are [forward, update]",
                    p -> p.run("backward")),
            misuse(
                    "shape",
                    "'input': expected shape 2×3×8×8 but got 2×3×8×9",
                    p -> p.write("input", Tensor.zeros(2, 3, 8, 9))),
            misuse("type", "'target': expected INT elements but got FLOAT", p -> p.write("target", Tensor.zeros(2))),
            misuse("array type", "'input': expected FLOAT elements but got INT", p -> p.write("input", new int[384])),
            misuse("count", "'target': expected 2 numbers but got 3", p -> p.write("target", new int[3])),
            misuse("empty", "'input': expected 384 numbers but got 0", p -> p.write("input", new float[0])),
            misuse("read count", "'loss': expected 1 numbers but got 2", p -> p.read("loss", new float[2])),
            refused(
                    "NaN",
                    "'input' must be finite, but element [1, 2, 3, 4] is NaN",
                    p -> p.write("input", with(1, 2, 3, 4, Float.NaN))),
            refused(
                    "infinite",
                    "'input' must be finite, but element [0, 0, 0, 1] is -Infinity",
                    p -> p.write("input", with(0, 0, 0, 1, Float.NEGATIVE_INFINITY))),
            refused("label too large", "index 5 at position 1 is outside [0, 5)", p -> labelled(p, 4, 5)),
            refused("label negative", "index -1 at position 0 is outside [0, 5)", p -> labelled(p, -1, 0)));

    private static Misuse misuse(String name, String message, Consumer<Program> use) {
        return new Misuse(name, IllegalArgumentException.class, message, use);
    }

    private static Misuse refused(String name, String message, Consumer<Program> use) {
        return new Misuse(name, ValueException.class, message, use);
    }

    private static float[] with(int n, int c, int h, int w, float value) {
        float[] images = new TinyNet(2).images(1);
        images[((n * 3 + c) * 8 + h) * 8 + w] = value;
        return images;
    }

    private static void labelled(Program program, int... labels) {
        program.write("target", labels);
        program.run();
    }

    @TestFactory
    Stream<DynamicTest> misusesAreNamed() {
        return MISUSES.stream()
                .map(m -> DynamicTest.dynamicTest(m.name, () -> {
                    TinyNet net = new TinyNet(2);
                    try (Parameters parameters = Parameters.of(TinyNet.weights(1))) {
                        Program program =
                                Compiler.compile(net.training(TinyNet.SGD, p -> true), parameters, new Options(1));
                        program.state().learningRate(1);
                        net.write(program, new Interpreter(), 1);
                        assertThatThrownBy(() -> m.use.accept(program))
                                .isInstanceOf(m.type)
                                .hasMessage(m.message);
                        assertThat(parameters.values()).isEqualTo(TinyNet.weights(1));
                        assertThat(program.state().steps()).isZero();
                        net.write(program, new Interpreter(), 1);
                        program.run();
                        assertThat(program.scalar("loss")).isFinite();
                        assertThat(program.state().steps()).isEqualTo(1);
                    }
                }));
    }

    @Test
    void inputsMustBeWritten() {
        try (Parameters parameters = Parameters.of(TinyNet.weights(1))) {
            TinyNet net = new TinyNet(2);
            Program program = Compiler.compile(net.training(TinyNet.SGD, p -> true), parameters, new Options(1));
            program.write("input", net.images(1));
            assertThatThrownBy(program::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("input 'target' has not been written");
        }
    }

    /** What diverges where: the message names it, and no parameter, slot or count has changed by a bit. */
    private record Divergence(String name, Expr loss, float x, String message) {}

    private static Stream<Divergence> divergences() {
        Expr x = Expr.input("x", Shape.of(2));
        Expr a = Expr.parameter("a", Shape.of(2));
        Expr b = Expr.parameter("b", Shape.of(3, 2));
        Expr fine = a.square().sum().add(b.square().sum());
        String stopped = "training stopped at step 2 before its update: ";
        String unchanged = "; the parameters are as they were before the step; it arose in ";
        return Stream.of(
                new Divergence(
                        "NaN loss",
                        fine.add(x.log().sum()),
                        -1,
                        stopped + "loss is NaN" + unchanged + "the graph: log is NaN at [1]"),
                new Divergence(
                        "infinite loss",
                        fine.add(x.mul(100).exp().sum()),
                        1,
                        stopped + "loss is Infinity" + unchanged
                                + "the graph: exp at [1] is 2.6881171418161356E43, which overflows float32"),
                new Divergence(
                        "infinite gradient",
                        fine.add(b.sum(0).mul(x).abs().sqrt().sum()),
                        0,
                        stopped + "the gradient of 'b' is NaN" + unchanged
                                + "the gradient of the graph: reciprocal is Infinity at [1]"),
                new Divergence(
                        "gradient of the first",
                        fine.add(a.mul(x).abs().sqrt().sum()),
                        0,
                        stopped + "the gradient of 'a' is NaN" + unchanged
                                + "the gradient of the graph: reciprocal is Infinity at [1]"));
    }

    @TestFactory
    Stream<DynamicTest> divergingStopsBeforeTheUpdate() {
        return divergences()
                .map(d -> DynamicTest.dynamicTest(d.name, () -> {
                    List<Expr> trained = List.of(Expr.parameter("a", Shape.of(2)), Expr.parameter("b", Shape.of(3, 2)));
                    List<Expr> leaves = Graph.of(Map.of("loss", d.loss)).parameters();
                    Update.Rule momentum = (w, g, state) ->
                            w.sub(state.keep("v", v -> v.mul(0.5).add(g)).mul(state.learningRate()));
                    Update update = new Update(leaves, Gradients.of(d.loss, leaves), momentum);
                    Graph graph = Graph.of(
                            new Graph.Stage("forward", Map.of("loss", d.loss), List.of()),
                            new Graph.Stage("update", Map.of(), List.of(update)));
                    assertThat(leaves).hasSameSizeAs(trained);
                    Map<String, Tensor> first = Map.of("a", Tensor.vector(1, 2), "b", Tensor.full(0.5f, 3, 2));
                    try (Parameters parameters = Parameters.of(first)) {
                        Program program = Compiler.compile(graph, parameters, new Options(1));
                        program.state().learningRate(0.1);
                        program.write("x", Tensor.vector(0.25f, 0.5f));
                        program.run();
                        Map<String, Tensor> before = parameters.values();
                        Tensor slot = program.state().get(Slot.optimizer("v", "b"));
                        program.write("x", Tensor.vector(0.25f, d.x));
                        assertThatThrownBy(program::run)
                                .isInstanceOf(ValueException.class)
                                .hasMessage(d.message);
                        assertThat(parameters.values()).isEqualTo(before);
                        assertThat(program.state().get(Slot.optimizer("v", "b")))
                                .isEqualTo(slot);
                        assertThat(program.state().steps()).isEqualTo(1);
                        program.write("x", Tensor.vector(0.25f, 0.5f));
                        program.run();
                        assertThat(parameters.values()).isNotEqualTo(before);
                    }
                }));
    }

    private record Unfit(String name, Expr output, String message) {}

    @TestFactory
    Stream<DynamicTest> graphsThatCannotBeCompiledAreRefused() {
        int[] thirteen = new int[13];
        Arrays.fill(thirteen, 1);
        return Stream.of(
                        new Unfit(
                                "moments of nothing",
                                Expr.input("x", Shape.of(0, 3)).moments(0).result(0),
                                "a program cannot compute on empty tensors, but input(x) : 0×3 has no elements"),
                        new Unfit(
                                "too many axes",
                                Expr.input("x", Shape.of(4))
                                        .reshape(Shape.of(thirteen).with(3, 4))
                                        .relu(),
                                "a program computes on tensors of at most 12 axes, but"),
                        new Unfit(
                                "a tensor too long for Java",
                                Expr.input("x", Shape.of(1 << 29)).add(1).erf(),
                                "a kernel in Java (java:fused) computes"),
                        new Unfit(
                                "a normalisation too long for Java",
                                Expr.input("x", Shape.of(1 << 27, 2, 2))
                                        .layerNorm(
                                                Expr.parameter("w", Shape.of(2, 2)),
                                                Expr.parameter("w", Shape.of(2, 2)),
                                                1),
                                "a kernel in Java (java:rows) computes layerNorm on at most 2147483647 bytes at a time"),
                        new Unfit(
                                "a repair too long for Java",
                                Expr.input("x", Shape.of(1 << 19, 1 << 10)).softmax(1),
                                "a kernel in Java (java:repair) computes softmax"),
                        new Unfit(
                                "an input too long to copy",
                                Expr.input("x", Shape.of(1 << 29)).tanh(),
                                "the input 'x' is copied as a whole, which takes at most 2147483647 bytes, but it takes"
                                        + " 2147483648"),
                        new Unfit(
                                "unknown parameter",
                                Expr.parameter("u", Shape.of(2)).relu(),
                                "there is no parameter 'u'; there are [w]"),
                        new Unfit(
                                "parameter as a buffer",
                                Expr.buffer("w", Shape.of(2, 2)).relu(),
                                "'w' is declared as a parameter but the graph uses it as a buffer"),
                        new Unfit(
                                "parameter of another shape",
                                Expr.parameter("w", Shape.of(3)).relu(),
                                "parameter 'w' is declared with shape 2×2 but the graph uses 3"))
                .map(u -> DynamicTest.dynamicTest(u.name, () -> {
                    try (Parameters parameters = Parameters.of(Map.of("w", Tensor.zeros(2, 2)))) {
                        assertThatThrownBy(() ->
                                        Compiler.compile(Graph.of(Map.of("y", u.output)), parameters, new Options(1)))
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessageStartingWith(u.message);
                    }
                }));
    }

    @Test
    void rulesMustBeElementwise() {
        Expr w = Expr.parameter("w", Shape.of(2, 2));
        Update update = new Update(List.of(w), List.of(w), (value, g, state) -> value.sub(g.softmax(0)));
        Graph graph = Graph.of(new Graph.Stage("update", Map.of(), List.of(update)));
        try (Parameters parameters = Parameters.of(Map.of("w", Tensor.zeros(2, 2)))) {
            assertThatThrownBy(() -> Compiler.compile(graph, parameters, new Options(1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("an update rule must compute element by element, but uses softmax[0]");
        }
    }

    @Test
    void valuesThatDoNotFitAreAllNamedAndNothingChanges() {
        Map<String, Tensor> before = new LinkedHashMap<>();
        List.of("a", "b", "c", "d").forEach(name -> before.put(name, Tensor.zeros(2)));
        try (Parameters parameters = Parameters.of(before)) {
            Map<String, Tensor> values = new LinkedHashMap<>();
            values.put("a", Tensor.vector(1, 2));
            values.put("b", Tensor.labels(1, 2));
            values.put("c", Tensor.vector(1, 2, 3));
            values.put("x", Tensor.vector(1, 2));
            assertThatThrownBy(() -> parameters.load(values))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "missing parameters: [d]; unexpected parameters: [x]; 'b': expected FLOAT elements but got INT; "
                                    + "'c': expected shape 2 but got 3");
            values.remove("x");
            values.put("c", Tensor.vector(1, 2));
            values.put("d", null);
            assertThatThrownBy(() -> parameters.load(values))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("missing parameters: [d]; 'b': expected FLOAT elements but got INT");
            values.put("d", Tensor.vector(1, 2));
            assertThatThrownBy(() -> parameters.load(values))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("'b': expected FLOAT elements but got INT");
            assertThat(parameters.values()).isEqualTo(before);
        }
    }

    /** However it comes in, unless it is asked for. */
    @Test
    void whatIsNotFiniteIsRefusedAsAValue() {
        try (Parameters parameters = Parameters.of(Map.of("w", Tensor.zeros(2, 2)))) {
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                Tensor value = Tensor.of(new float[] {1, 2, bad, 4}, 2, 2);
                assertThatThrownBy(() -> parameters.set("w", value))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("'w' must be finite, but element [1, 0] is " + bad);
                assertThatThrownBy(() -> parameters.load(Map.of("w", value)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("'w' must be finite, but element [1, 0] is " + bad
                                + "; Loading.withNaN() takes it all the same");
                assertThat(parameters.get("w")).isEqualTo(Tensor.zeros(2, 2));
                parameters.setWithNaN(Map.of("w", value));
                assertThat(parameters.get("w")).isEqualTo(value);
                parameters.set("w", Tensor.zeros(2, 2));
            }
        }
    }

    @Test
    void parametersCheckNamesAndShapes() {
        try (Parameters parameters = Parameters.of(Map.of("w", Tensor.zeros(2, 2)))) {
            assertThatThrownBy(() -> parameters.get("v")).hasMessage("there is no parameter 'v'; there are [w]");
            assertThatThrownBy(() -> parameters.set("w", Tensor.zeros(4)))
                    .hasMessage("'w': expected shape 2×2 but got 4");
            assertThatThrownBy(
                            () -> parameters.set("w", Tensor.labels(1, 2, 3, 4).reshape(2, 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("'w': expected FLOAT elements but got INT");
            assertThatThrownBy(() -> parameters.load(Map.of())).hasMessage("missing parameters: [w]");
            assertThatThrownBy(() -> parameters.load(Map.of("w", Tensor.zeros(2, 2), "v", Tensor.zeros(1))))
                    .hasMessage("unexpected parameters: [v]");
        }
        assertThatThrownBy(() -> new Options(0)).hasMessage("threads must be from 1 to 1024 but is 0");
        assertThatThrownBy(() -> new Options(1025)).hasMessage("threads must be from 1 to 1024 but is 1025");
        assertThat(Options.defaults().withThreads(3).threads()).isEqualTo(3);
    }
}
