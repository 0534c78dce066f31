package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Size;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which kernels convolutions of one image take. */
class ConvChoiceTest {
    private final Leaves leaves = new Leaves(0.03);

    /** Images that the library, given half of the filters, would add up in another order, are among them. */
    @ParameterizedTest
    @CsvSource({
        "256, 512, 3, 8, 2, 1",
        "512, 256, 3, 2, 2, 1",
        "256, 288, 5, 8, 1, 1",
        "512, 256, 3, 1, 2, 1",
        "1024, 1024, 3, 3, 1, 2",
        "1024, 513, 1, 3, 1, 1",
        "336, 32, 7, 2, 1, 1"
    })
    void threadsChangeNoBit(int channels, int filters, int kernel, int extent, int stride, int groups) {
        Graph graph = graph(channels, filters, kernel, extent, stride, groups);
        assertThat(run(graph, 2)).isEqualTo(run(graph, 1));
        Match.check("convolution", graph, leaves.values, 1, 2);
    }

    /** The half of one is the same operation as the whole of the other. */
    @ParameterizedTest
    @CsvSource({"480, 240", "240, 480"})
    void whatAnotherConvolutionTakesDoesNotMatter(int first, int second) {
        Expr x = leaves.input("x", 1, 128, 4, 4);
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
        Expr one = x.conv(leaves.parameter("v", first, 128, 3, 3), spec);
        Expr other = x.conv(leaves.parameter("w", second, 128, 3, 3), spec);
        Graph graph = Graph.of(Map.of("y", Expr.concat(1, List.of(one, other))));
        assertThat(run(graph, 2)).isEqualTo(run(graph, 1));
    }

    @Test
    void manyWeightsTakeTheKernelThatReadsThemFaster() {
        if (NativeLibrary.lanes() == 16) {
            for (int threads = 1; threads <= 2; threads++) {
                assertThat(kernel(graph(256, 512, 3, 8, 2, 1), threads)).startsWith("brg_conv_fwd");
                assertThat(kernel(graph(16, 128, 3, 8, 2, 1), threads)).startsWith("jit:");
            }
        }
    }

    /** Small products where sums are long; kernels written for the shape for few channels, on narrow vectors for many filters. */
    @ParameterizedTest
    @CsvSource({
        "3, 64, 3, 32, jit, jit",
        "16, 32, 3, 8, jit, brg_conv_fwd",
        "16, 32, 3, 20, brg_conv_fwd, brg_conv_fwd",
        "16, 144, 3, 20, jit, jit",
        "24, 64, 3, 9, brg_conv_fwd, jit",
        "64, 72, 3, 9, brg_conv_fwd, brg_conv_fwd",
        "8, 16, 5, 9, jit, brg_conv_fwd",
        "8, 48, 3, 9, jit, brg_conv_fwd",
        "8, 56, 3, 9, jit, jit",
    })
    void suchChannelsAndFilters(int channels, int filters, int kernel, int extent, String wide, String narrow) {
        if (NativeLibrary.lanes() >= 8) {
            String wanted = NativeLibrary.lanes() == 16 ? wide : narrow;
            for (int threads = 1; threads <= 2; threads++) {
                assertThat(kernel(graph(channels, filters, kernel, extent, 1, 1), threads))
                        .startsWith(wanted + ":");
            }
        }
    }

    /** Channels that stay apart: kernels that move in steps make short rows in pieces. */
    @ParameterizedTest
    @CsvSource({"32, 3, 9, 1, jit_dw", "32, 5, 7, 1, jit_dw", "32, 3, 15, 2, jit_dw", "32, 3, 14, 2, brdgmm_dw"})
    void channelsThatStayApart(int channels, int kernel, int extent, int stride, String wide) {
        if (NativeLibrary.lanes() == 16) {
            for (int threads = 1; threads <= 2; threads++) {
                assertThat(kernel(graph(channels, channels, kernel, extent, stride, channels), threads))
                        .startsWith(wide + ":");
            }
        }
    }

    private Graph graph(int channels, int filters, int kernel, int extent, int stride, int groups) {
        Expr w = leaves.parameter("w", filters, channels / groups, kernel, kernel);
        Expr x = leaves.input("x", 1, channels, extent, extent);
        ConvSpec spec = new ConvSpec(Size.of(stride), Size.of(kernel / 2), Size.of(1), groups);
        Expr bias = leaves.parameter("b", filters).reshape(1, filters, 1, 1);
        return Graph.of(Map.of("y", x.conv(w, spec).add(bias).relu()));
    }

    private Tensor run(Graph graph, int threads) {
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, parameters, new Options(threads))) {
            Match.write(program, graph, leaves.values);
            program.run();
            return program.read("y");
        }
    }

    private String kernel(Graph graph, int threads) {
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, parameters, new Options(threads))) {
            return program.explain().steps().stream()
                    .filter(step -> step.operator().startsWith("conv"))
                    .findFirst()
                    .orElseThrow()
                    .implementation();
        }
    }
}
