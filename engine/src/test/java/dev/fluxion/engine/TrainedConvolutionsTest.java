package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Update;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Convolutions that networks train are computed by kernels of the library in all three passes, not by products of columns: from so
 * many lanes of a vector on.
 */
class TrainedConvolutionsTest {
    private static final Update.Rule SGD = (w, g, state) -> w.sub(g.mul(state.learningRate()));

    private final Leaves leaves = new Leaves(0.1);

    /** Depthwise ones, groups of few channels, odd numbers of channels, strides, and kernels that lie far apart. */
    @ParameterizedTest
    @CsvSource({
        "8, 3, 64, 7, 32, 2, 1, 1",
        "8, 64, 64, 1, 14, 2, 1, 1",
        "8, 17, 29, 3, 12, 1, 1, 1",
        "16, 64, 64, 3, 12, 1, 2, 1",
        "16, 64, 64, 3, 28, 1, 6, 1",
        "8, 64, 64, 3, 12, 1, 1, 32",
        "8, 128, 128, 3, 12, 2, 1, 32",
        "8, 64, 64, 3, 12, 1, 1, 4",
        "16, 48, 48, 3, 12, 1, 1, 16",
        "8, 64, 128, 3, 12, 1, 1, 64",
        "8, 128, 64, 3, 12, 1, 1, 64",
        "8, 72, 72, 3, 14, 2, 1, 72",
        "8, 72, 72, 5, 14, 2, 1, 72",
        "8, 96, 96, 7, 14, 1, 1, 96",
        "8, 40, 40, 9, 16, 1, 1, 40",
        "8, 40, 40, 3, 16, 1, 2, 40"
    })
    void ofImages(int lanes, int channels, int filters, int kernel, int extent, int stride, int dilation, int groups) {
        Vectors.require(lanes);
        Size pad = Size.of(kernel / 2 * dilation);
        train(channels, filters, Size.of(kernel), new Size(extent, extent + 1), spec(stride, pad, dilation, groups));
    }

    @ParameterizedTest
    @CsvSource({"8, 64, 64, 3, 100, 1", "16, 64, 64, 3, 100, 2", "16, 64, 64, 3, 100, 8", "16, 32, 64, 5, 100, 4"})
    void ofSequences(int lanes, int channels, int filters, int kernel, int length, int dilation) {
        Vectors.require(lanes);
        Size pad = new Size(0, kernel / 2 * dilation);
        train(channels, filters, new Size(1, kernel), new Size(1, length), spec(1, pad, dilation, 1));
    }

    private static ConvSpec spec(int stride, Size pad, int dilation, int groups) {
        return new ConvSpec(Size.of(stride), pad, Size.of(dilation), groups);
    }

    private void train(int channels, int filters, Size kernel, Size extent, ConvSpec spec) {
        Expr w = leaves.parameter("w", filters, channels / spec.groups(), kernel.h(), kernel.w());
        Expr v = leaves.parameter("v", channels, channels, 1, 1);
        Expr y = leaves.input("x", 4, channels, extent.h(), extent.w())
                .conv(v, ConvSpec.of())
                .conv(w, spec);
        Expr objective = y.mul(leaves.input("g", y.shape().dims())).sum();
        List<Expr> trained = List.of(v, w);
        Update update = new Update(trained, Gradients.of(objective, trained), SGD);
        Graph graph = Graph.of(
                new Graph.Stage("forward", Map.of("y", objective), List.of()),
                new Graph.Stage("update", Map.of(), List.of(update)));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            assertThat(program.explain().steps())
                    .filteredOn(step -> step.operator().startsWith("conv"))
                    .hasSizeGreaterThan(4)
                    .noneMatch(step -> step.implementation().equals("java:columns"));
        }
    }
}
