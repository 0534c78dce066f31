package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.engine.check.ErrorBound;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What is done to channels of a convolution or columns of a product is in its weights and its bias, and nowhere else. */
class FoldTest {
    private static final ConvSpec PADDED = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);

    private record Row(String name, boolean folds, Function<Leaves, Graph> graph) {}

    private static Stream<Row> rows() {
        return Stream.of(
                new Row(
                        "bias, norm, relu",
                        true,
                        l -> of(norm(l, conv(l, 8, 3, PADDED).add(channels(l, "b", 8)))
                                .relu())),
                new Row(
                        "norm, sum, relu",
                        true,
                        l -> of(norm(l, conv(l, 16, 16, PADDED))
                                .add(l.input("z", 2, 16, 6, 6))
                                .relu())),
                new Row("two norms", true, l -> of(norm(l, norm(l, conv(l, 8, 3, PADDED))))),
                new Row("strips", true, l -> of(norm(l, conv(l, 2, 16, PADDED)))),
                new Row(
                        "winograd",
                        true,
                        l -> of(norm(l, l.input("x", 4, 64, 16, 16).conv(l.parameter("w", 64, 64, 3, 3), PADDED))
                                .relu())),
                new Row(
                        "groups",
                        true,
                        l -> of(norm(l, conv(l, 8, 4, new ConvSpec(Size.of(1), Size.of(0), Size.of(1), 2))))),
                new Row(
                        "each channel",
                        true,
                        l -> of(norm(l, conv(l, 8, 1, new ConvSpec(Size.of(2), Size.of(1), Size.of(1), 8))))),
                new Row(
                        "factor first",
                        true,
                        l -> of(channels(l, "s", 8)
                                .broadcastTo(Shape.of(2, 8, 6, 6))
                                .mul(conv(l, 8, 3, PADDED)))),
                new Row("quotient", true, l -> of(conv(l, 8, 3, PADDED).div(channels(l, "s", 8)))),
                new Row(
                        "linear",
                        true,
                        l -> of(norm(
                                l,
                                l.input("x", 3, 12)
                                        .matmul(l.parameter("w", 8, 12).transposeLast())
                                        .add(l.parameter("b", 8))))),
                new Row(
                        "product",
                        true,
                        l -> of(norm(l, l.input("x", 1, 12).matmul(l.parameter("w", 12, 8)))
                                .relu())),
                new Row(
                        "a product that cancels",
                        true,
                        l -> of(near(l, 1e-4, l.input("x", 2, 1, 5, 5))
                                .conv(near(l, 1e-3, l.parameter("w", 8, 1, 1, 1)), ConvSpec.of())
                                .sub(near(l, 1e-4, l.parameter("m", 8, 1, 1)))
                                .mul(channels(l, "s", 8)))),
                new Row("sequences", true, l -> of(norm(l, sequences(l)).relu())),
                new Row(
                        "sequences and a sum",
                        true,
                        l -> of(norm(l, sequences(l)).add(l.input("z", 2, 8, 6)).relu())),
                new Row("numbers of places", false, l -> of(sequences(l).mul(l.parameter("s", 6)))),
                new Row("read again", false, l -> {
                    Expr conv = conv(l, 8, 3, PADDED);
                    return Graph.of(Map.of("y", norm(l, conv), "z", conv.relu()));
                }),
                new Row("read on the way", false, l -> {
                    Expr centred = conv(l, 8, 3, PADDED).sub(channels(l, "m", 8));
                    return Graph.of(Map.of("y", centred.mul(channels(l, "s", 8)), "z", centred));
                }),
                new Row(
                        "number minus result",
                        false,
                        l -> of(channels(l, "s", 8).sub(conv(l, 8, 3, PADDED)).mul(channels(l, "f", 8)))),
                new Row(
                        "factors of each run",
                        false,
                        l -> of(conv(l, 8, 3, PADDED).mul(l.input("s", 8, 1, 1)))),
                new Row(
                        "weights of each run",
                        false,
                        l -> of(l.input("x", 2, 3, 6, 6)
                                .conv(l.input("w", 8, 3, 3, 3), PADDED)
                                .mul(channels(l, "s", 8)))),
                new Row("factors of rows", false, l -> of(conv(l, 6, 3, PADDED).mul(l.parameter("s", 6, 1)))));
    }

    private static Graph of(Expr y) {
        return Graph.of(Map.of("y", y));
    }

    private static Expr conv(Leaves l, int filters, int channels, ConvSpec spec) {
        return l.input("x", 2, channels * spec.groups(), 6, 6).conv(l.parameter("w", filters, channels, 3, 3), spec);
    }

    /** A convolution over images of height 1, seen without it. */
    private static Expr sequences(Leaves l) {
        ConvSpec along = new ConvSpec(Size.of(1), new Size(0, 1), Size.of(1), 1);
        return l.input("x", 2, 3, 1, 6)
                .conv(l.parameter("w", 8, 3, 1, 3), along)
                .add(channels(l, "b", 8))
                .reshape(2, 8, 6);
    }

    private static Expr channels(Leaves l, String name, int count) {
        return l.parameter(name, count).reshape(count, 1, 1);
    }

    /** A normalisation as a prediction computes it. */
    private static Expr norm(Leaves l, Expr x) {
        int[] dims = new int[x.shape().rank() - 1];
        Arrays.fill(dims, 1);
        dims[0] = x.shape().dim(1);
        String id = "norm" + l.values.size();
        Expr variance = l.buffer(id + ".variance", dims[0]).square();
        Expr scale = l.parameter(id + ".scale", dims[0])
                .mul(variance.add(1e-5).sqrt().reciprocal());
        return x.sub(l.buffer(id + ".mean", dims[0]).reshape(Shape.of(dims)))
                .mul(scale.reshape(Shape.of(dims)))
                .add(l.parameter(id + ".shift", dims[0]).reshape(Shape.of(dims)));
    }

    /** A leaf with numbers near 1. */
    private static Expr near(Leaves l, double spread, Expr leaf) {
        double[] data = l.values
                .get(leaf.op() instanceof Leaf.Input in ? in.name() : ((Leaf.Variable) leaf.op()).parameter())
                .data();
        Arrays.setAll(data, i -> (float) (1 + spread * data[i]));
        return leaf;
    }

    @TestFactory
    Stream<DynamicTest> isFoldedAndExact() {
        return rows().map(row -> DynamicTest.dynamicTest(row.name, () -> {
            String steps = Explained.of(row.graph, "-channel-norms");
            assertThat(fused(steps))
                    .as(steps)
                    .isEqualTo(row.folds ? 0 : fused(Explained.of(row.graph, "-channel-norms,-fold")));
            assertThat(fused(Explained.of(row.graph, "-channel-norms,-fold"))).isPositive();
        }));
    }

    /** The elementwise steps of a run with factors. */
    private static long fused(String steps) {
        return steps.lines()
                .filter(line -> !line.startsWith("once") && line.matches(".* (mul|div) .*java:fused.*"))
                .count();
    }

    /** What is made of parameters and buffers is made anew for new ones of either kind. */
    @Test
    void weightsAndBuffersOfAnotherVersionAreFoldedAnew() {
        Leaves leaves = new Leaves(0.3);
        Graph graph = of(norm(leaves, conv(leaves, 8, 3, PADDED)));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            Match.write(program, graph, leaves.values);
            for (String name : leaves.values.keySet()) {
                if (!name.equals("x")) {
                    Map<String, Value> now = new LinkedHashMap<>(leaves.values);
                    Value before = leaves.values.get(name);
                    double[] data = before.data().clone();
                    Arrays.setAll(data, i -> (float) (data[i] * 1.5 + 0.1));
                    now.put(name, new Value(before.shape(), data));
                    parameters.set(name, Tensor.of(now.get(name)));
                    program.run();
                    Match.check(name, program, graph, new ErrorBound(Match.interpreter(now, 1)));
                    parameters.set(name, Tensor.of(before));
                }
            }
        }
    }
}
