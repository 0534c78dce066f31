package dev.fluxion.ffi;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every acceptable implementation of every pass agrees with plain loops. */
class ConvolutionTest {
    @BeforeAll
    static void twoThreads() {
        Threads.current(2);
    }

    private static final List<ConvolutionCase> CASES = List.of(
            ConvolutionCase.of(2, 3, 8, 9, 3, 1, 1),
            ConvolutionCase.of(1, 1, 1, 1, 1, 1, 0),
            ConvolutionCase.of(1, 16, 16, 7, 3, 1, 1),
            ConvolutionCase.of(3, 5, 7, 11, 3, 3, 0),
            ConvolutionCase.of(2, 3, 7, 9, 1, 2, 0),
            ConvolutionCase.of(1, 2, 8, 8, 1, 2, 0),
            ConvolutionCase.of(4, 7, 16, 6, 1, 2, 0),
            ConvolutionCase.of(1, 4, 32, 14, 1, 2, 0),
            ConvolutionCase.of(2, 11, 16, 9, 1, 2, 0),
            ConvolutionCase.of(2, 16, 8, 9, 1, 3, 0),
            ConvolutionCase.of(2, 6, 6, 9, 2, 3, 0),
            ConvolutionCase.of(2, 17, 9, 5, 5, 1, 2),
            new ConvolutionCase(2, 1, 4, 8, 10, 7, 3, 2, 1, 2, 2, 1, new int[] {2, 0, 1, 1}),
            new ConvolutionCase(1, 1, 9, 5, 6, 13, 1, 5, 2, 1, 1, 2, new int[] {0, 3, 0, 4}),
            new ConvolutionCase(2, 2, 6, 10, 8, 8, 3, 3, 1, 1, 1, 1, new int[] {1, 1, 1, 1}),
            new ConvolutionCase(2, 8, 8, 8, 7, 7, 3, 3, 2, 2, 1, 1, new int[] {1, 1, 1, 1}),
            new ConvolutionCase(1, 4, 32, 32, 6, 5, 3, 3, 1, 1, 1, 1, new int[] {1, 0, 0, 1}));

    static Stream<Arguments> cases() {
        return CASES.stream()
                .flatMap(c -> Stream.of(
                        Arguments.of(c, "any", (Function<long[], Layout>) Layout::any),
                        Arguments.of(c, "channels last", (Function<long[], Layout>) ConvolutionTest::channelsLast)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void agreesWithLoops(ConvolutionCase c, String name, Function<long[], Layout> layout) {
        Convolution convolution = Convolution.of(
                        layout.apply(c.sourceDims()),
                        Layout.any(c.weightsDims()),
                        layout.apply(c.destinationDims()),
                        c.window())
                .bias(Layout.plain(c.out()));
        Map<Arg, double[]> data = new LinkedHashMap<>();
        data.put(Arg.SOURCE, c.source());
        data.put(Arg.WEIGHTS, c.weights());
        data.put(Arg.BIAS, c.bias());
        data.put(Arg.DESTINATION_GRADIENT, c.gradient());
        check(convolution, data, Map.of(Arg.DESTINATION, c.forward(true)));
        check(convolution.bias(null), data, Map.of(Arg.DESTINATION, c.forward(false)));
        check(convolution.pass(Pass.TRAINING), data, Map.of(Arg.DESTINATION, c.forward(true)));
        check(convolution.pass(Pass.BACKWARD), data, Map.of(Arg.SOURCE_GRADIENT, c.sourceGradient()));
        check(
                convolution.pass(Pass.BACKWARD_WEIGHTS),
                data,
                Map.of(Arg.WEIGHTS_GRADIENT, c.weightsGradient(), Arg.BIAS_GRADIENT, c.biasGradient()));
    }

    static Layout channelsLast(long[] d) {
        return Layout.strided(d, new long[] {d[1] * d[2] * d[3], 1, d[3] * d[1], d[1]});
    }

    private static void check(Operation operation, Map<Arg, double[]> data, Map<Arg, double[]> expected) {
        Tensors.check(operation, data, expected, 2e-5);
    }
}
