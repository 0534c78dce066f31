package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.check.ErrorBound;
import dev.fluxion.engine.kernel.Winograd;
import dev.fluxion.engine.partition.Tiling;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.NoImplementationException;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Update;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Convolutions in the form that takes fewer multiplications are convolutions, and so are their gradients. */
class WinogradTest {
    private final Leaves leaves = new Leaves(0.1);

    /** The form of a convolution whose images are padded by so much. */
    private static Winograd form(Expr conv, Size pad) {
        return new Winograd(conv.input(0).shape(), conv.shape(), pad);
    }

    /** Whether the library has a kernel for a product of the form, as it has from AVX2 on. */
    private static boolean isOffered(MatMul product) {
        try (Primitive primitive = Primitive.of(product)) {
            return !primitive.implementation().isEmpty();
        } catch (NoImplementationException e) {
            return false;
        }
    }

    /** What says that a step is of the form is there if the library has the kernel for it, and not otherwise. */
    private static void assertTaken(String explanation, String step, MatMul product) {
        assertThat(explanation.contains(step)).as("%s in %s", step, explanation).isEqualTo(isOffered(product));
    }

    /** Even and odd sizes, every padding, tiles that are cut off, channels that fill no vector. */
    @ParameterizedTest
    @CsvSource({
        "2, 64, 64, 16, 16, 1, 1",
        "1, 96, 100, 20, 21, 0, 0",
        "1, 96, 96, 21, 22, 2, 2",
        "2, 96, 96, 14, 16, 0, 1",
        "2, 128, 96, 12, 13, 1, 2",
    })
    void isTheConvolutionWithItsGradients(int n, int c, int k, int h, int w, int padH, int padW) {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(padH, padW), Size.of(1), 1);
        Expr x = leaves.input("x", n, c, h, w);
        Expr weights = leaves.parameter("w", k, c, 3, 3);
        Expr bias = leaves.parameter("b", k);
        Expr conv = x.conv(weights, spec);
        Expr y = conv.add(bias.reshape(1, k, 1, 1).broadcastTo(conv.shape())).relu();
        Graph graph = Match.withGradients(y, List.of(x, weights, bias), leaves.values, 3);
        String explanation = run(graph);
        Winograd form = form(conv, spec.pad());
        assertTaken(explanation, "bias relu winograd", form.product());
        assertTaken(
                explanation,
                "convGradInput" + spec + " winograd",
                form.gradient().product());
        assertTaken(explanation, "convGradWeight" + spec + " winograd", form.sumGradients());
    }

    /** Relative to the largest result, as COMPILER.md says. */
    @Test
    void isAsExactAsFloatsAre() {
        Expr x = leaves.input("x", 4, 128, 8, 8);
        Expr w = leaves.bound("w", Expr.parameter("w", Shape.of(128, 128, 3, 3)), Math.sqrt(2.0 / (128 * 9)));
        Expr y = x.conv(w, new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1));
        Graph graph = Match.withGradients(y, List.of(x, w), leaves.values, 3);
        Interpreter interpreter = Match.interpreter(leaves.values, 1);
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(
                        graph, parameters, RunState.of(parameters), new Options(1), g -> Optional.empty())) {
            Match.write(program, graph, leaves.values);
            program.run();
            String explanation = program.explain().toString();
            assertTaken(explanation, "conv pad 1 winograd", form(y, Size.of(1)).product());
            assertTaken(explanation, "winograd gradients", form(y, Size.of(1)).sumGradients());
            interpreter.run(graph).forEach((name, exact) -> {
                double[] actual = program.read(name).toValue().data();
                double largest =
                        Arrays.stream(exact.data()).map(Math::abs).max().orElseThrow();
                double error = IntStream.range(0, actual.length)
                        .mapToDouble(i -> Math.abs(actual[i] - exact.data()[i]))
                        .max()
                        .orElseThrow();
                assertThat(error / largest).as(name).isLessThan(2e-6);
            });
        }
    }

    private static int inputSums(Program program) {
        return program.explain().steps().stream()
                .filter(s -> s.operator().equals("winograd inputs"))
                .mapToInt(Explanation.Line::count)
                .sum();
    }

    /** Convolutions of the same images, and the gradients of their weights, whatever the filters, if zeros are put around alike. */
    @Test
    void sumsOfImagesAreShared() {
        ConvSpec padded = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        Expr x = leaves.input("x", 4, 64, 16, 16);
        Expr w = leaves.parameter("w", 64, 64, 3, 3);
        Expr v = leaves.parameter("v", 80, 64, 3, 3);
        Expr u = leaves.parameter("u", 64, 64, 3, 3);
        List<Expr> all = List.of(x.conv(w, padded), x.conv(v, padded), x.conv(u, ConvSpec.of()));
        Expr y = Expr.concat(1, all.stream().map(e -> e.flatten(1)).toList());
        Graph graph = Match.withGradients(y, List.of(w, v, u), leaves.values, 3);
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(
                        graph, parameters, RunState.of(parameters), new Options(1), g -> Optional.empty())) {
            boolean offered = isOffered(form(all.get(0), Size.of(1)).product());
            assertThat(inputSums(program)).isEqualTo(offered ? 2 * Winograd.POSITIONS : 0);
        }
    }

    @Test
    void weightsOfPredictionsAreAddedUpOnce() {
        Expr y = leaves.input("x", 8, 64, 8, 8).conv(leaves.parameter("w", 64, 64, 3, 3), ConvSpec.of());
        assertTaken(
                run(Graph.of(Map.of("y", y))),
                "once weights",
                form(y, Size.of(0)).product());
    }

    /** Results are added to those of other kernels, in blocks of channels, without being brought into rows. */
    @Test
    void resultsAreAddedWhereTheyLie() {
        ConvSpec padded = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        Expr w = leaves.parameter("w", 64, 64, 3, 3);
        Expr u = leaves.parameter("u", 64, 32, 1, 1);
        Expr v = leaves.parameter("v", 32, 64, 3, 3);
        Expr other = leaves.input("other", 8, 32, 16, 16).conv(u, ConvSpec.of());
        Expr sum = other.add(leaves.input("x", 8, 64, 16, 16).conv(w, padded)).relu();
        Expr loss = sum.conv(v, padded).square().mean();
        List<Expr> all = List.of(w, u, v);
        Update update = new Update(all, Gradients.of(loss, all), TinyNet.SGD);
        Graph graph = Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)));
        assertThat(explanation(graph)).doesNotContainPattern("-> 8x64x16x16 f32 abcd\\s");
    }

    /** Few products; few channels; few tiles for the weights; images of one tile and a half; sums beyond the cache. */
    @ParameterizedTest
    @CsvSource({"1, 32, 16, 1", "64, 24, 16, 1", "1, 256, 4, 1", "64, 64, 3, 1", "1, 32, 300, 1"})
    void someAreLeftAlone(int n, int c, int size, int pad) {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(pad), Size.of(1), 1);
        Graph graph = Graph.of(
                Map.of("y", leaves.input("x", n, c, size, size).conv(leaves.parameter("w", c, c, 3, 3), spec)));
        assertThat(explanation(graph)).doesNotContain("winograd");
    }

    /**
     * Few channels pay the sums with many multiplications saved only: zeros around an image save none. Wide vectors want more of
     * them, and most where sums leave the cache.
     */
    @ParameterizedTest
    @CsvSource({
        "32, 64, 12, 0, true, false",
        "64, 32, 10, 2, false, false",
        "128, 64, 10, 2, true, false",
        "512, 512, 4, 1, true, true",
        "32, 32, 4, 1, false, false",
        "64, 64, 2, 1, false, false",
        "32, 32, 56, 1, true, false",
        "64, 64, 56, 1, true, true",
        "64, 64, 112, 1, true, false",
        "128, 128, 80, 1, true, true",
    })
    void savesMoreThanTheSumsTake(int c, int k, int size, int pad, boolean narrow, boolean wide) {
        int results = size + 2 * pad - 2;
        Winograd form = new Winograd(Shape.of(1, c, size, size), Shape.of(1, k, results, results), Size.of(pad));
        assertThat(form.isFaster(8)).isEqualTo(narrow);
        assertThat(form.isFaster(16)).isEqualTo(wide);
    }

    /** A tile's sums of images serve the gradient of the weights, too, if they are few. */
    @ParameterizedTest
    @CsvSource({"12, 1", "30, 2"})
    void fewSumsAreMadeOnce(int size, int times) {
        Expr x = leaves.input("x", 16, 64, size, size);
        Expr w = leaves.parameter("w", 64, 64, 3, 3);
        Expr loss = x.conv(w, ConvSpec.of()).square().mean();
        Update update = new Update(List.of(w), Gradients.of(loss, List.of(w)), TinyNet.SGD);
        Graph graph = Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(
                        graph,
                        parameters,
                        RunState.of(parameters),
                        new Options(1),
                        g -> Optional.of(new Tiling(16, 2, 2)))) {
            boolean offered =
                    isOffered(new Winograd(Shape.of(8, 64, size, size), Shape.of(8, 64, size - 2, size - 2), Size.of(0))
                            .product());
            assertThat(inputSums(program)).isEqualTo(offered ? 2 * times * Winograd.POSITIONS : 0);
        }
    }

    /** Weights that change in every run must serve many tiles. */
    @ParameterizedTest
    @CsvSource({"8, false", "16, true"})
    void weightsThatChangeAreAddedUpForManyTiles(int size, boolean fast) {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        Expr w = leaves.input("w", 128, 128, 3, 3);
        Expr y = leaves.input("x", 1, 128, size, size).conv(w, spec);
        assertThat(explanation(Graph.of(Map.of("y", y))).contains("winograd"))
                .isEqualTo(fast && isOffered(form(y, spec.pad()).product()));
    }

    /** Few tiles, or few products for what is made of them. */
    @ParameterizedTest
    @CsvSource({"1, 128, false", "2, 128, true", "2, 88, false", "2, 96, true"})
    void gradientsOfWeightsAreMadeOfSumsForManyTiles(int n, int c, boolean fast) {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        Expr w = leaves.parameter("w", c, c, 3, 3);
        Expr conv = leaves.input("x", n, c, 8, 8).conv(w, spec);
        Graph graph = Match.withGradients(conv, List.of(w), leaves.values, 3);
        assertThat(explanation(graph).contains("winograd gradients"))
                .isEqualTo(fast && isOffered(form(conv, spec.pad()).sumGradients()));
    }

    private String explanation(Graph graph) {
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(
                        graph, parameters, RunState.of(parameters), new Options(1), g -> Optional.empty())) {
            return program.explain().toString();
        }
    }

    /** Weights that are parts of others, or transposed, are what they are, on one thread and on two. */
    @TestFactory
    Stream<DynamicTest> weightsMadeOfOthers() {
        Expr x = leaves.input("x", 1, 64, 14, 14);
        Expr few = leaves.input("few", 1, 32, 14, 14);
        Expr w = leaves.parameter("w", 64, 64, 3, 3);
        Expr wide = leaves.parameter("wide", 64, 64, 3, 5);
        Expr turned = leaves.parameter("turned", 64, 32, 3, 3);
        Expr many = leaves.parameter("many", 128, 64, 3, 3);
        Map<String, Expr> uses = new LinkedHashMap<>();
        uses.put("one row of kernels", x.conv(w.slice(2, 1, 2), ConvSpec.of()));
        uses.put("one column of kernels", x.conv(w.slice(3, 1, 2), ConvSpec.of()));
        uses.put("three of five columns", x.conv(wide.slice(3, 1, 4), ConvSpec.of()));
        uses.put("some filters", x.conv(w.slice(0, 8, 40), ConvSpec.of()));
        uses.put("some channels", few.conv(w.slice(1, 8, 40), ConvSpec.of()));
        uses.put("filters for channels", x.conv(turned.transpose(1, 0, 2, 3), ConvSpec.of()));
        uses.put("half of many", x.conv(many.slice(0, 0, 64), ConvSpec.of()));
        uses.put("computed", x.conv(w.mul(2), ConvSpec.of()));
        Expr large = leaves.input("large", 1, 64, 18, 18);
        uses.put("computed, for many tiles", large.conv(w.mul(2), ConvSpec.of()));
        return uses.entrySet().stream()
                .map(use -> DynamicTest.dynamicTest(
                        use.getKey(), () -> sameOnTwoThreads(Graph.of(Map.of("y", use.getValue())))));
    }

    private void sameOnTwoThreads(Graph graph) {
        float[][] answers = new float[2][];
        for (int threads = 1; threads <= 2; threads++) {
            try (Parameters parameters = Match.parameters(graph, leaves.values);
                    Program program = Compiler.compile(graph, parameters, new Options(threads))) {
                Match.write(program, graph, leaves.values);
                program.run();
                Match.check("weights", program, graph, new ErrorBound(Match.interpreter(leaves.values, 1)));
                answers[threads - 1] = program.read("y").floats();
            }
        }
        assertThat(answers[1]).isEqualTo(answers[0]);
    }

    /** Sums of weights are made anew when any value has changed, as a buffer between the stages of a run. */
    @Test
    void valuesSurviveNewSumsOfWeights() {
        Expr square = leaves.input("x", 8, 64, 16, 16)
                .conv(leaves.parameter("w", 64, 64, 3, 3), ConvSpec.of())
                .square();
        Expr other = leaves.buffer("other", 1);
        Graph graph = Graph.of(
                new Graph.Stage("first", Map.of("sum", square.sum()), List.of()),
                new Graph.Stage("between", Map.of(), List.of(Update.assign(Map.of(other, other.mul(2))))),
                new Graph.Stage("later", Map.of("all", square.mul(3)), List.of()));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            Match.write(program, graph, leaves.values);
            program.run();
            float[] expected = program.read("all").floats();
            program.run("first");
            program.run("between");
            program.run("later");
            assertThat(program.read("all").floats()).isEqualTo(expected);
        }
    }

    /** Compares all outputs with the interpreter's, and explains the program. */
    private String run(Graph graph) {
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(
                        graph, parameters, RunState.of(parameters), new Options(1), g -> Optional.empty())) {
            Match.write(program, graph, leaves.values);
            program.run();
            Match.check("winograd", program, graph, new ErrorBound(Match.interpreter(leaves.values, 1)));
            return program.explain().toString();
        }
    }
}
