package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.check.ErrorBound;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Update;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What is done to channels of images that no weights can take is a convolution of channels that stay apart. */
class ChannelNormsTest {
    private static final int CHANNELS = 24;

    /** Graphs by name, those that the pass takes and, marked so, others. */
    private static Map<String, Function<Leaves, Expr>> graphs() {
        Map<String, Function<Leaves, Expr>> all = new LinkedHashMap<>();
        all.put("in front of a convolution", l -> {
            Expr x = conv(l, l.input("x", 2, 8, 9, 7), "w", CHANNELS);
            return conv(l, norm(l, x).relu(), "v", CHANNELS).add(x);
        });
        all.put(
                "behind a sum",
                l -> norm(l, conv(l, l.input("x", 1, 8, 9, 7), "w", CHANNELS).add(l.input("z", 1, CHANNELS, 9, 7))));
        all.put("behind a concatenation", l -> {
            Expr x = conv(l, l.input("x", 1, 8, 9, 7), "w", 16);
            return conv(
                    l, norm(l, Expr.concat(1, List.of(x, conv(l, x, "u", 8)))).relu(), "v", 16);
        });
        all.put("behind a pooling", l -> norm(l, pooled(l)).sigmoid());
        all.put("factors alone", l -> pooled(l).mul(channels(l, "s")));
        all.put(
                "a factor first",
                l -> channels(l, "s").broadcastTo(pooled(l).shape()).mul(pooled(l)));
        all.put(
                "factors and a sum",
                l -> channels(l, "c").add(pooled(l).mul(channels(l, "s"))).relu());
        all.put("a mean and factors", l -> pooled(l).sub(channels(l, "m")).mul(channels(l, "s")));
        all.put("two norms", l -> norm(l, norm(l, pooled(l)).relu()));
        all.put("read on the way", l -> {
            Expr centred = pooled(l).sub(channels(l, "m"));
            return centred.mul(channels(l, "s")).add(centred);
        });
        all.put("not: images of a run", l -> norm(l, l.input("x", 1, CHANNELS, 8, 8)));
        all.put("not: factors of a run", l -> pooled(l).mul(l.input("s", CHANNELS, 1, 1)));
        all.put("not: a sum alone", l -> pooled(l).add(channels(l, "s")));
        all.put("not: factors of rows", l -> pooled(l).mul(l.parameter("s", 4, 1)));
        return all;
    }

    private static Expr pooled(Leaves l) {
        return l.input("x", 1, CHANNELS, 8, 8).maxPool(PoolSpec.of(Size.of(2)));
    }

    private static Expr conv(Leaves l, Expr x, String name, int filters) {
        return x.conv(l.parameter(name, filters, x.shape().dim(1), 1, 1), ConvSpec.of());
    }

    private static Expr channels(Leaves l, String name) {
        return l.parameter(name, CHANNELS, 1, 1);
    }

    /** A normalisation as a prediction computes it. */
    private static Expr norm(Leaves l, Expr x) {
        int channels = x.shape().dim(1);
        String id = "norm" + l.values.size();
        return x.sub(l.buffer(id + ".mean", channels, 1, 1))
                .mul(l.parameter(id + ".scale", channels, 1, 1))
                .add(l.parameter(id + ".shift", channels, 1, 1));
    }

    @TestFactory
    Stream<DynamicTest> areTakenAndExact() {
        Vectors.require(8);
        return graphs().entrySet().stream()
                .map(g -> DynamicTest.dynamicTest(g.getKey(), () -> {
                    String steps =
                            Explained.of(l -> Graph.of(Map.of("y", g.getValue().apply(l))), "");
                    boolean taken = steps.lines()
                            .anyMatch(line -> !line.startsWith("once") && line.contains("conv groups " + CHANNELS));
                    assertThat(taken).as(steps).isEqualTo(!g.getKey().startsWith("not: "));
                }));
    }

    @TestFactory
    Stream<DynamicTest> threadsGiveTheSameBits() {
        return graphs().entrySet().stream()
                .map(g -> DynamicTest.dynamicTest(g.getKey(), () -> {
                    Leaves leaves = new Leaves(0.3);
                    Divided.check(g.getKey(), Graph.of(Map.of("y", g.getValue().apply(leaves))), leaves);
                }));
    }

    /** In most windows a number is negative. A relu behind a kernel of the library makes NaN of −∞, which comes of zeros. */
    @Test
    void whatIsNotFiniteStays() {
        for (boolean zeros : new boolean[] {false, true}) {
            Leaves leaves = new Leaves(0.3);
            Expr x = leaves.input("x", 1, CHANNELS, 8, 8);
            Expr y = norm(leaves, x.log().maxPool(PoolSpec.of(Size.of(2))));
            Graph graph = Graph.of(Map.of("y", zeros ? y : y.relu()));
            double[] numbers = leaves.values.get("x").data();
            List.of(0, 1, 8, 9).forEach(i -> numbers[i] = zeros ? 0 : 1);
            try (Parameters parameters = Match.parameters(graph, leaves.values);
                    Program program = Compiler.compile(graph, parameters, new Options(1))) {
                Match.write(program, graph, leaves.values);
                program.run();
                float[] got = program.read("y").floats();
                assertThat(Float.isInfinite(got[0])).isEqualTo(zeros);
                assertThat(got).contains(Float.NaN);
                Match.check("not finite", program, graph, new ErrorBound(Match.interpreter(leaves.values, 1)));
            }
        }
    }

    /** Weights that a run changes are no weights of a convolution that is made for many runs. */
    @Test
    void trainingsAreLeftAsTheyAre() {
        Leaves leaves = new Leaves(0.3);
        Expr loss = norm(leaves, pooled(leaves)).square().mean();
        List<Expr> parameters = Graph.of(Map.of("loss", loss)).parameters();
        Update update = new Update(parameters, Gradients.of(loss, parameters), TinyNet.SGD);
        Graph graph = Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)));
        try (Parameters values = Match.parameters(graph, leaves.values);
                Program program = Compiler.compile(graph, values, new Options(1))) {
            assertThat(program.explain().toString()).doesNotContain("conv groups");
        }
    }
}
