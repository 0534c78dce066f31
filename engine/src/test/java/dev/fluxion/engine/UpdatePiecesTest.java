package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.update.UpdateLowering;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Update;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How threads share the update of a single sample's step. */
class UpdatePiecesTest {
    private final Leaves leaves = new Leaves(0.03);

    /** The steps of training convolutions, one after the other, on a single image. */
    private List<Explanation.Line> steps(int channels, int kernel, int... filters) {
        Expr y = leaves.input("x", 1, channels, 16, 16);
        for (int i = 0; i < filters.length; i++) {
            Expr w = leaves.parameter("w" + i, filters[i], y.shape().dim(1), kernel, kernel);
            y = y.conv(w, new ConvSpec(Size.of(1), Size.of(kernel / 2), Size.of(1), 1))
                    .relu();
        }
        Expr loss = y.square().sum();
        List<Expr> all = Graph.topological(List.of(loss)).stream()
                .filter(e -> e.op() instanceof Leaf.Parameter)
                .toList();
        Update update = new Update(all, Gradients.of(loss, all), TinyNet.SGD);
        Graph graph = Graph.of(new Graph.Stage("update", Map.of("loss", loss), List.of(update)));
        Match.check("training", graph, leaves.values, 1, 2);
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, parameters, new Options(2))) {
            return program.explain().steps();
        }
    }

    /** Gradients are there at different times, but no update begins before all of them have been checked. */
    @Test
    void piecesRunBesideEachOtherBehindAllChecks() {
        List<Explanation.Line> last = steps(32, 3, 64, 64, 64).stream()
                .filter(s -> s.operator().startsWith("update") || s.operator().startsWith("finite"))
                .toList();
        assertThat(last.subList(0, last.size() - 1)).isNotEmpty().allMatch(s -> s.operator()
                .startsWith("finite"));
        Explanation.Line update = last.get(last.size() - 1);
        assertThat(update.operator()).startsWith("update");
        assertThat(update.count()).isEqualTo(2);
    }

    /** Three pieces would end in the middle of what the two parts of a product read. */
    @Test
    void piecesAreAPowerOfTwo() {
        assertThat(UpdateLowering.pieces(3 << 17)).isEqualTo(2);
        assertThat(UpdateLowering.pieces(7 << 17)).isEqualTo(4);
        assertThat(UpdateLowering.pieces(1)).isEqualTo(1);
        assertThat(UpdateLowering.pieces(1L << 40)).isEqualTo(8);
    }

    /** Halves of a gradient of weights are computed where the update reads them, as the weights lie. */
    @Test
    void aDividedGradientIsNotCopied() {
        List<Explanation.Line> steps = steps(32, 5, 32);
        assertThat(steps)
                .filteredOn(s -> s.operator().startsWith("convGradWeight"))
                .extracting(Explanation.Line::count)
                .containsExactly(2);
        if (NativeLibrary.lanes() == 16) { // kernels for AVX want gradients to lie otherwise than the weights
            assertThat(steps)
                    .filteredOn(s -> s.operator().equals("reorder"))
                    .noneMatch(s -> s.writes().get(0).contains("x32x5x5"));
        }
    }
}
