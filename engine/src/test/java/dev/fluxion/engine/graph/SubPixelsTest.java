package dev.fluxion.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubPixelsTest {
    @ParameterizedTest
    @CsvSource({
        // channels, kernel h and w, stride h and w, pad h and w, rows and columns more than needed, dilation, rewritten
        "3, 4, 4, 2, 2, 1, 1, 0, 0, 1, true",
        "1, 2, 2, 2, 2, 0, 0, 0, 0, 1, true",
        "2, 6, 4, 3, 2, 2, 0, 0, 0, 1, true",
        "1, 4, 6, 2, 3, 3, 1, 1, 0, 1, true",
        "2, 4, 1, 2, 1, 1, 0, 0, 0, 1, true",
        "3, 4, 4, 2, 2, 1, 1, 0, 1, 1, true",
        "3, 3, 3, 2, 2, 1, 1, 0, 0, 1, true",
        "3, 3, 3, 2, 2, 1, 1, 1, 1, 1, true",
        "2, 3, 3, 2, 2, 0, 0, 0, 0, 1, true",
        "2, 5, 5, 2, 2, 2, 2, 1, 0, 1, true",
        "1, 5, 4, 3, 3, 1, 2, 0, 1, 1, true",
        "1, 7, 3, 3, 1, 4, 1, 0, 0, 1, true",
        "1, 3, 3, 4, 2, 1, 1, 1, 1, 1, true",
        "5, 3, 3, 2, 2, 1, 1, 1, 1, 1, false",
        "3, 4, 4, 2, 2, 0, 0, 1, 0, 1, false",
        "3, 4, 4, 2, 2, 1, 1, 0, 0, 2, false",
        "3, 3, 3, 1, 1, 1, 1, 0, 0, 1, false",
        "17, 4, 4, 2, 2, 1, 1, 0, 0, 1, false"
    })
    void keepsTheMeaning(
            int channels,
            int kernelH,
            int kernelW,
            int strideH,
            int strideW,
            int padH,
            int padW,
            int moreH,
            int moreW,
            int dilation,
            boolean rewritten) {
        ConvSpec spec = new ConvSpec(new Size(strideH, strideW), new Size(padH, padW), Size.of(dilation), 1);
        int height = 4 * strideH + (kernelH - 1) * dilation + 1 - 2 * padH + moreH;
        int width = 5 * strideW + (kernelW - 1) * dilation + 1 - 2 * padW + moreW;
        Expr w = Expr.parameter("w", Shape.of(40, channels, kernelH, kernelW));
        Graph before = transposed(w, Shape.of(2, channels, height, width), spec);
        Graph after = SubPixels.apply(before, () -> 16);
        assertThat(after.order().stream().noneMatch(e -> e.op() instanceof Contraction.ConvGradInput))
                .isEqualTo(rewritten);
        double[] expected = run(before);
        assertThat(run(after)).containsExactly(expected, within(1e-12));
    }

    /** Which would be brought into another order in each run. */
    @Test
    void weightsThatAreComputedStay() {
        Graph graph = transposed(
                Expr.input("w", Shape.of(40, 1, 2, 2)),
                Shape.of(1, 1, 8, 8),
                new ConvSpec(Size.of(2), Size.of(0), Size.of(1), 1));
        assertThat(SubPixels.apply(graph, () -> 16).order()).isEqualTo(graph.order());
    }

    /** As the gradient of images that are nothing but padding. */
    @Test
    void resultsWithoutElementsStay() {
        Graph graph = transposed(
                Expr.parameter("w", Shape.of(40, 1, 4, 4)),
                Shape.of(2, 1, 2, 0),
                new ConvSpec(Size.of(3), new Size(1, 3), Size.of(1), 1));
        assertThat(SubPixels.apply(graph, () -> 16).order()).isEqualTo(graph.order());
    }

    private static Graph transposed(Expr w, Shape large, ConvSpec spec) {
        Shape small = Expr.input("like", large).conv(w, spec).shape();
        return Graph.of(
                Map.of("y", new Expr(new Contraction.ConvGradInput(spec, large), List.of(Expr.input("x", small), w))));
    }

    private static double[] run(Graph graph) {
        Random random = new Random(3);
        Interpreter interpreter = new Interpreter();
        for (Expr leaf : List.of(graph.inputs().get(0), graph.parameters().get(0))) {
            double[] data = random.doubles(leaf.shape().size(), -1, 1).toArray();
            interpreter.bind(leaf.shape().dim(0) == 40 ? "w" : "x", new Value(leaf.shape(), data));
        }
        return interpreter.run(graph).get("y").data();
    }
}
