package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images between convolutions stay as they lie where elements are repeated or seen under other extents. */
class RepeatedImagesTest {
    private static final ConvSpec SAME = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);

    private final Leaves leaves = new Leaves(0.1);

    @ParameterizedTest
    @CsvSource({
        "1, 16, 5, 7, 2, 2",
        "3, 16, 4, 4, 2, 2",
        "2, 24, 3, 5, 1, 3",
        "2, 3, 5, 4, 3, 1",
        "2, 16, 1, 6, 2, 2",
        "1, 8, 6, 1, 2, 4",
        "2, 1, 6, 5, 2, 2"
    })
    void repeatedElements(int n, int channels, int height, int width, int down, int right) {
        for (int threads = 1; threads <= 2; threads++) {
            Match.check("upsampling", upsampling(n, channels, height, width, down, right), leaves.values, 1, threads);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "2, 3", "4, 1"})
    void repeatedAtTheEnds(int times, int copies) {
        Expr x = convolution(leaves.input("x", times, 16, 4, 4), "v", 16);
        Expr images = x.reshape(1, times, 16, 4, 4, 1).broadcastTo(Shape.of(copies, times, 16, 4, 4, 2));
        Graph graph = Graph.of(Map.of("y", images.mul(2)));
        Match.check("repetition", graph, leaves.values, 1, 1);
    }

    /** One reorder of the input and one of the result. */
    @Test
    void noReorder() {
        assertThat(steps(upsampling(1, 16, 6, 6, 2, 2)))
                .filteredOn(step -> step.operator().equals("reorder"))
                .hasSize(2);
        assertThat(steps(upsampling(1, 16, 6, 6, 2, 2)))
                .anySatisfy(step -> assertThat(step.operator()).startsWith("broadcast"));
    }

    private Graph upsampling(int n, int channels, int height, int width, int down, int right) {
        Expr x = convolution(leaves.input("x", n, 3, height, width), "v", channels);
        Expr large = x.reshape(n, channels, height, 1, width, 1)
                .broadcastTo(Shape.of(n, channels, height, down, width, right))
                .reshape(n, channels, down * height, right * width);
        return Graph.of(Map.of("y", convolution(large, "w", 16)));
    }

    private Expr convolution(Expr x, String name, int filters) {
        return x.conv(leaves.parameter(name, filters, x.shape().dim(1), 3, 3), SAME)
                .relu();
    }

    private List<Explanation.Line> steps(Graph graph) {
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            return program.explain().steps();
        }
    }
}
