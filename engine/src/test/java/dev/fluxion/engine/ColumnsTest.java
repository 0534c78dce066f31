package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.engine.catalogue.Case;
import dev.fluxion.engine.catalogue.OperatorCatalogue;
import dev.fluxion.engine.catalogue.Row;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Size;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All convolutions as products of matrices, as on processors for which the library has none but loops. */
class ColumnsTest {
    /** What comes before columns in the book. */
    static final String OTHERS = "-strips,-winograd,-streamed,-channels-last,-library,-depthwise-gradient";

    private static final int CASES = 40;

    @BeforeEach
    void leaveColumnsAlone() {
        System.setProperty(RuleBook.PROPERTY, OTHERS);
    }

    @AfterEach
    void allRules() {
        System.clearProperty(RuleBook.PROPERTY);
    }

    /** Groups, strides, dilations, padding, and images of the windows' size. */
    @ParameterizedTest
    @ValueSource(strings = {"conv", "convGradInput", "convGradWeight"})
    void computeEveryGeometry(String operator) {
        Row row = OperatorCatalogue.row(operator);
        for (int seed = 0; seed < CASES; seed++) {
            Case c = row.at(seed);
            Match.check(row + ", seed " + seed, c.graph(), c.inputs(), 1, 2);
        }
    }

    /** With more columns than are made at a time. */
    @Test
    void computeLargeImages() {
        Leaves leaves = new Leaves(0.1);
        Expr x = leaves.input("x", 2, 24, 40, 30);
        Expr w = leaves.parameter("w", 32, 24, 3, 5);
        ConvSpec spec = new ConvSpec(new Size(1, 2), new Size(2, 1), new Size(2, 1), 1);
        Graph graph = Match.withGradients(x.conv(w, spec), List.of(x, w), leaves.values, 3);
        Match.check("large", graph, leaves.values, 3, 2);
    }

    /** A training step of a net with all that a convolution may be; every number of threads gives the same bits. */
    @ParameterizedTest
    @ValueSource(ints = {1, 6, 32})
    void train(int batch) {
        Leaves leaves = new Leaves(0.2);
        Expr x = leaves.input("x", batch, 3, 16, 16);
        Expr a = leaves.parameter("a", 32, 3, 3, 3);
        Expr bias = leaves.parameter("bias", 32);
        Expr b = leaves.parameter("b", 64, 8, 3, 3);
        Expr c = leaves.parameter("c", 64, 64, 1, 1);
        Expr d = leaves.parameter("d", 64, 1, 3, 3);
        Expr first = x.conv(a, spec(1, 1, 1, 1)).add(bias.reshape(1, 32, 1, 1)).relu();
        Expr second = first.conv(b, spec(2, 2, 2, 4)).tanh().maxPool(new PoolSpec(Size.of(2), Size.of(2), Size.of(0)));
        Expr y = second.conv(c, spec(1, 0, 1, 1))
                .silu()
                .conv(d, spec(1, 1, 1, 64))
                .sum(2, 3);
        Graph graph = Match.withGradients(y, List.of(a, bias, b, c, d), leaves.values, 3);
        Match.check("net", graph, leaves.values, 3, 2);
        Map<String, Tensor> one = run(graph, leaves, 1);
        assertThat(run(graph, leaves, 2)).isEqualTo(one);
        assertThat(run(graph, leaves, 4)).isEqualTo(one);
    }

    private static ConvSpec spec(int stride, int pad, int dilation, int groups) {
        return new ConvSpec(Size.of(stride), Size.of(pad), Size.of(dilation), groups);
    }

    /** Two threads divide the filters of a single image. */
    @ParameterizedTest
    @CsvSource({"64, 32, 3", "64, 96, 3", "256, 512, 1", "3, 64, 7", "512, 32, 1", "1024, 1024, 1"})
    void threadsChangeNoBit(int channels, int filters, int kernel) {
        for (int side : new int[] {8, 19}) {
            Leaves leaves = new Leaves(0.1);
            Expr w = leaves.parameter("w", filters, channels, kernel, kernel);
            Expr y = leaves.input("x", 1, channels, side, side).conv(w, spec(1, kernel / 2, 1, 1));
            Graph graph = Graph.of(Map.of("y", y.relu()));
            assertThat(run(graph, leaves, 2)).isEqualTo(run(graph, leaves, 1));
        }
    }

    private static Map<String, Tensor> run(Graph graph, Leaves leaves, int threads) {
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, parameters, new Options(threads))) {
            Match.write(program, graph, leaves.values);
            program.run();
            assertThat(program.explain().steps())
                    .filteredOn(step -> step.operator().startsWith("conv"))
                    .isNotEmpty()
                    .allMatch(step -> step.implementation().equals("java:columns"));
            Map<String, Tensor> results = new LinkedHashMap<>();
            graph.stages()
                    .forEach(stage -> stage.outputs().keySet().forEach(name -> results.put(name, program.read(name))));
            return results;
        }
    }
}
