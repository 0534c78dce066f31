package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Convolutions in the form that takes fewer multiplications are convolutions, and so are their gradients. */
class WinogradTest {
    private final Map<String, Value> values = new LinkedHashMap<>();
    private final Random random = new Random(5);

    private Expr input(String name, int... dims) {
        return bound(name, Expr.input(name, Shape.of(dims)), 1);
    }

    private Expr parameter(String name, int... dims) {
        return bound(name, Expr.parameter(name, Shape.of(dims)), 0.1);
    }

    private Expr bound(String name, Expr leaf, double size) {
        double[] data = new double[leaf.shape().size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (size * random.nextGaussian());
        }
        values.put(name, new Value(leaf.shape(), data));
        return leaf;
    }

    /** Even and odd sizes, every padding, tiles that are cut off, channels that fill no vector. */
    @ParameterizedTest
    @CsvSource({
        "4, 32, 32, 16, 16, 1, 1",
        "5, 40, 36, 13, 16, 1, 1",
        "5, 33, 47, 14, 15, 0, 0",
        "6, 32, 50, 13, 13, 0, 0",
        "3, 48, 64, 11, 12, 2, 2",
        "6, 36, 32, 14, 16, 0, 1",
        "5, 64, 32, 12, 13, 1, 2",
        "70, 64, 64, 2, 3, 1, 1",
    })
    void isTheConvolutionWithItsGradients(int n, int c, int k, int h, int w, int padH, int padW) {
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(padH, padW), Size.of(1), 1);
        Expr x = input("x", n, c, h, w);
        Expr weights = parameter("w", k, c, 3, 3);
        Expr bias = parameter("b", k);
        Expr conv = x.conv(weights, spec);
        Expr y = conv.add(bias.reshape(1, k, 1, 1).broadcastTo(conv.shape())).relu();
        Graph graph = Match.withGradients(y, List.of(x, weights, bias), values, 3);
        String explanation = run(graph);
        assertThat(explanation).contains("relu winograd", "convGradInput" + spec + " winograd");
        assertThat(explanation).contains("convGradWeight" + spec + " winograd");
    }

    @Test
    void weightsOfPredictionsAreAddedUpOnce() {
        Graph graph = Graph.of(Map.of("y", input("x", 8, 64, 8, 8).conv(parameter("w", 64, 64, 3, 3), ConvSpec.of())));
        assertThat(run(graph)).contains("once weights");
    }

    @Test
    void smallConvolutionsAreLeftAlone() {
        Graph graph = Graph.of(Map.of("y", input("x", 1, 32, 8, 8).conv(parameter("w", 32, 32, 3, 3), ConvSpec.of())));
        assertThat(run(graph)).doesNotContain("winograd");
    }

    /** Compares all outputs with the interpreter's, and explains the program. */
    private String run(Graph graph) {
        try (Parameters parameters = Match.parameters(graph, values);
                Program program = Compiler.compile(graph, parameters, new Options(1), g -> Optional.empty())) {
            Match.write(program, graph, values);
            program.run();
            Match.check("winograd", program, graph, new ErrorBound(Match.interpreter(values, 1)));
            return program.explain().toString();
        }
    }
}
