package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.engine.check.ErrorBound;
import dev.fluxion.engine.kernel.RowBlocked;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Update;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Convolutions of few filters are convolutions, and so are their gradients, however many results are computed at once. */
class RowBlockedTest {
    private final Leaves leaves = new Leaves(0.3);

    /** Kernels for wide vectors are there for all shapes, others for some. */
    private static void assertTaken(String explanation, String step) {
        if (NativeLibrary.lanes() == 16) {
            assertThat(explanation).contains(step);
        }
    }

    /** Steps of one and two, kernels that are no squares, images of one channel and of many, every padding. */
    @ParameterizedTest
    @CsvSource({
        "16, 1, 3, 28, 28, 5, 5, 1, 1, 2, 2",
        "16, 16, 1, 16, 32, 3, 3, 1, 1, 1, 1",
        "24, 5, 2, 17, 25, 3, 2, 1, 1, 0, 0",
        "24, 3, 4, 33, 33, 3, 4, 2, 2, 1, 1",
        "24, 8, 3, 20, 33, 1, 4, 2, 2, 0, 1",
        "64, 1, 1, 1, 64, 1, 7, 1, 1, 0, 3",
        "16, 4, 2, 30, 34, 5, 3, 3, 1, 4, 3",
        "8, 1, 1, 34, 40, 17, 17, 1, 1, 8, 8",
    })
    void areTheConvolutionWithItsGradients(
            int n, int c, int k, int h, int w, int kh, int kw, int strideH, int strideW, int padH, int padW) {
        ConvSpec spec = new ConvSpec(Size.of(strideH, strideW), Size.of(padH, padW), Size.of(1), 1);
        Expr x = leaves.input("x", n, c, h, w);
        Expr weights = leaves.parameter("w", k, c, kh, kw);
        Expr bias = leaves.parameter("b", k);
        Expr conv = x.conv(weights, spec);
        Expr y = conv.add(bias.reshape(1, k, 1, 1).broadcastTo(conv.shape())).relu();
        Graph graph = Match.withGradients(y, List.of(x, weights, bias), leaves.values, 3);
        assertTaken(run(graph), "bias relu in strips of");
    }

    /** The gradient of images of few channels, those of filters that look less far beyond the edge than they are wide. */
    @ParameterizedTest
    @CsvSource({"3, 3, 0, 0", "3, 3, 1, 1", "5, 4, 2, 3", "1, 5, 0, 4"})
    void gradientsOfImagesOfFewChannelsAre(int kh, int kw, int padH, int padW) {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(padH, padW), Size.of(1), 1);
        Expr x = leaves.input("x", 16, 3, 24, 24);
        Expr w = leaves.parameter("w", 32, 3, kh, kw);
        Graph graph = Match.withGradients(x.conv(w, spec), List.of(x, w), leaves.values, 3);
        assertTaken(run(graph), "convGradInput" + spec + " in strips of");
    }

    /** Their results, channels last, are pooled by kernels for narrower vectors. */
    @ParameterizedTest
    @CsvSource({"1, 2", "3, 2", "6, 3", "7, 2", "8, 2", "8, 3"})
    void arePooled(int k, int window) {
        Expr x = leaves.input("x", 16, 3, 24, 24);
        Expr w = leaves.parameter("w", k, 3, 3, 3);
        PoolSpec pool = new PoolSpec(Size.of(window), Size.of(2), Size.of(1));
        Expr y = x.conv(w, new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1)).relu();
        Expr pooled = Expr.concat(
                1, List.of(y.maxPool(pool).flatten(1), y.avgPool(pool).flatten(1)));
        Graph graph = Match.withGradients(pooled, List.of(x, w), leaves.values, 3);
        String[] pools = run(graph).lines().filter(l -> l.contains("Pool")).toArray(String[]::new);
        assertThat(pools).hasSize(4);
        for (String line : pools) {
            String few = line.contains("Grad") ? "jit:sse41" : "jit:avx512_core";
            assertTaken(line, k == 8 ? "jit:avx2" : few);
        }
    }

    /** Enough filters; kernels of one column; gaps; groups; few columns; a number of columns that nothing divides. */
    @ParameterizedTest
    @CsvSource({
        "16, 3, 32, 1, 1",
        "4, 1, 32, 1, 1",
        "4, 3, 32, 2, 1",
        "4, 3, 32, 1, 2",
        "4, 3, 7, 1, 1",
        "4, 3, 31, 1, 1",
    })
    void someAreLeftAlone(int k, int kernel, int size, int dilation, int groups) {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(dilation * (kernel / 2)), Size.of(dilation), groups);
        Expr y = leaves.input("x", 8, 8, size, size).conv(leaves.parameter("w", k, 8 / groups, kernel, kernel), spec);
        assertThat(run(Graph.of(Map.of("y", y)))).doesNotContain("strips");
    }

    /** As many results at once as fill a vector, if that leaves enough of them in a row. */
    @ParameterizedTest
    @CsvSource({
        "1, 28, 5, 16, 7",
        "6, 28, 5, 16, 2",
        "3, 32, 3, 16, 4",
        "6, 28, 5, 8, 0",
        "3, 32, 3, 8, 2",
        "1, 8, 3, 16, 2"
    })
    void areAsWideAsPays(int filters, int size, int kernel, int lanes, int width) {
        Shape x = Shape.of(1, 4, size, size);
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(kernel / 2), Size.of(1), 1);
        List<RowBlocked> strips =
                RowBlocked.of(x, Shape.of(filters, 4, kernel, kernel), x.with(1, filters), spec, lanes);
        assertThat(strips.stream().mapToInt(RowBlocked::width).findFirst().orElse(0))
                .isEqualTo(width);
    }

    /** What says where the taps of large kernels go stays small beside the images; rows that change places take more. */
    @Test
    void kernelsMayBeLarge() {
        Shape x = Shape.of(1, 1, 279, 279);
        Shape w = Shape.of(1, 1, 40, 40);
        Shape y = Shape.of(1, 1, 240, 240);
        List<RowBlocked> forward = RowBlocked.of(x, w, y, ConvSpec.of(), 16);
        assertThat(forward).first().extracting(RowBlocked::width).isEqualTo(16);
        assertThat(forward.get(0).places()).hasSize(16 * 40 * 55);
        assertThat(RowBlocked.ofGradient(y, w, x, ConvSpec.of(), 16)).isEmpty();
        assertThat(RowBlocked.ofGradient(Shape.of(1, 1, 271, 271), Shape.of(1, 1, 9, 9), x, ConvSpec.of(), 16))
                .isNotEmpty();
    }

    /** Filters and channels of weights change places at once: as many of one as of the other would be too many. */
    @Test
    void gradientsOfImagesOfManyChannelsAre() {
        Expr x = leaves.input("x", 1, 50_000, 1, 1);
        Expr w = leaves.parameter("w", 1, 50_000, 1, 1);
        run(Match.withGradients(x.conv(w, ConvSpec.of()), List.of(x, w), leaves.values, 3));
    }

    @Test
    void filtersOfPredictionsAreMadeOnce() {
        Expr conv = leaves.input("x", 1, 4, 12, 12).conv(leaves.parameter("w", 2, 4, 3, 3), ConvSpec.of());
        Expr bias = leaves.parameter("b", 2).reshape(1, 2, 1, 1).broadcastTo(conv.shape());
        String explanation = run(Graph.of(Map.of("y", conv.add(bias))));
        assertTaken(explanation, "once weights");
        assertTaken(explanation, "once bias");
    }

    /** What is made once of parameters, reshaped too, is made again when one is written, and when a training changes them. */
    @Test
    void filtersOfPredictionsAreThoseOfTheParametersNow() {
        Expr w = leaves.parameter("w", 3, 36);
        Expr b = leaves.parameter("b", 3);
        Expr conv = leaves.input("x", 16, 4, 28, 28).conv(w.reshape(3, 4, 3, 3), ConvSpec.of());
        Expr y = conv.add(b.reshape(1, 3, 1, 1));
        Graph prediction = Graph.of(Map.of("y", y));
        Expr loss = y.square().mean();
        Update update = new Update(List.of(w, b), Gradients.of(loss, List.of(w, b)), TinyNet.SGD);
        Graph training = Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)));
        try (Parameters parameters = Match.parameters(prediction, leaves.values);
                Program predict = Compiler.compile(prediction, parameters, new Options(1));
                Program train = Compiler.compile(training, parameters, new Options(1))) {
            assertTaken(predict.explain().prologue().toString(), "weights");
            train.state().learningRate(1);
            Match.write(predict, prediction, leaves.values);
            Match.write(train, training, leaves.values);
            for (String changed : List.of("", "w", "b", "all")) {
                if (changed.equals("all")) {
                    train.run();
                } else if (!changed.isEmpty()) {
                    parameters.set(
                            changed, Tensor.full(0.5f, parameters.shape(changed).dims()));
                }
                parameters.values().forEach((name, value) -> leaves.values.put(name, value.toValue()));
                predict.run();
                Match.check(
                        "after " + changed, predict, prediction, new ErrorBound(Match.interpreter(leaves.values, 1)));
            }
        }
    }

    /** Filters that change in every run must serve many images. */
    @Test
    void filtersThatChangeAreMadeForManyImages() {
        Expr w = leaves.input("w", 3, 1, 3, 3);
        assertTaken(run(Graph.of(Map.of("y", leaves.input("many", 64, 1, 28, 28).conv(w, ConvSpec.of())))), "strips");
        assertThat(run(Graph.of(Map.of("y", leaves.input("one", 1, 1, 28, 28).conv(w, ConvSpec.of())))))
                .doesNotContain("strips");
    }

    /** Compares all outputs with the interpreter's, and explains the program. */
    private String run(Graph graph) {
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(
                        graph, parameters, RunState.of(parameters), new Options(1), g -> Optional.empty())) {
            Match.write(program, graph, leaves.values);
            program.run();
            Match.check("strips", program, graph, new ErrorBound(Match.interpreter(leaves.values, 1)));
            return program.explain().toString();
        }
    }
}
