package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.catalogue.Case;
import dev.fluxion.engine.catalogue.OperatorCatalogue;
import dev.fluxion.engine.catalogue.Row;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.UnaryFn;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operator of the catalogue and its gradients, compiled, against the interpreter. */
class NativeMatchesInterpreterTest {
    private static final int CASES = Integer.getInteger("fluxion.cases", 14);

    private static final int MANY = 1500;
    private static final Set<UnaryFn> POSITIVE =
            EnumSet.of(UnaryFn.LOG, UnaryFn.LOG1P, UnaryFn.SQRT, UnaryFn.RECIPROCAL);

    @Test
    void integersAreTransposed() {
        Expr i = Expr.input("i", Shape.of(2, 3, 4), DType.INT);
        Expr t = i.transpose(2, 0, 1);
        Map<String, Value> values = Map.of(
                "i",
                new Value(i.shape(), IntStream.range(0, 24).asDoubleStream().toArray()));
        Graph graph =
                Graph.of(Map.of("all", t, "some", t.slice(2, 1, 3), "numbers", t.toFloat(), "flat", t.reshape(24)));
        Match.check("transpose", graph, values, 1, 1);
    }

    /** As many as a kernel of the library adds at once, and one more; the same one twice. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 34, 35})
    void manyAreAdded(int count) {
        SplittableRandom random = new SplittableRandom(count);
        Map<String, Value> values = new LinkedHashMap<>();
        Expr sum = null;
        for (int i = 0; i < count; i++) {
            Expr next = Expr.input("x" + i / 2 * 2, Shape.of(MANY));
            values.computeIfAbsent(
                    "x" + i / 2 * 2,
                    n -> new Value(
                            next.shape(),
                            random.doubles(MANY, -1, 1).map(d -> (float) d).toArray()));
            sum = sum == null ? next : sum.add(next);
        }
        Match.check("sum", Graph.of(Map.of("sum", sum)), values, 1, 1);
    }

    @TestFactory
    Stream<DynamicTest> everyRow() {
        return OperatorCatalogue.rows().stream().map(row -> DynamicTest.dynamicTest(row.name(), () -> check(row)));
    }

    /** Functions of many elements have kernels of their own, and some run along with a convolution. */
    @TestFactory
    Stream<DynamicTest> functionsOfManyElementsAndAfterConvolutions() {
        return Arrays.stream(UnaryFn.values())
                .map(fn -> DynamicTest.dynamicTest(fn.toString(), () -> {
                    for (int seed = 0; seed < 4; seed++) {
                        many(OperatorCatalogue.row(fn.toString()).at(seed), seed);
                        convolved(fn, seed);
                    }
                }));
    }

    private static void many(Case c, int seed) {
        Expr x = c.output().input(0);
        int size = x.shape().size();
        Expr rows = x.reshape(1, size).broadcastTo(Shape.of(MANY / size + 1, size));
        Map<String, Value> values = new LinkedHashMap<>(c.inputs());
        Expr y = new Expr(c.output().op(), List.of(rows));
        Match.check("many, seed " + seed, Match.withGradients(y, List.of(x), values, seed), values, seed, 1);
    }

    /** Channels that fill no block, so that the function also meets padding. */
    private static void convolved(UnaryFn fn, int seed) {
        Shape images = Shape.of(2, 17, 6, 6);
        Shape weights = Shape.of(seed % 2 == 0 ? 16 : 11, 17, 3, 3);
        Map<String, Value> values = new LinkedHashMap<>();
        values.put("x", uniform(images, seed));
        values.put("w", uniform(weights, seed + 100));
        Expr x = Expr.input("x", images);
        Expr w = Expr.parameter("w", weights);
        Expr conv = x.conv(w, new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1));
        Expr argument =
                seed < 2 && !POSITIVE.contains(fn) ? conv : conv.square().add(0.5);
        Expr y = new Expr(new Elementwise.Unary(fn, fn == UnaryFn.POWER ? 2 : 0.5), List.of(argument));
        Match.check("convolved, seed " + seed, Match.withGradients(y, List.of(x, w), values, seed), values, seed, 1);
    }

    /** Reductions longer than what a kernel holds at once. */
    @TestFactory
    Stream<DynamicTest> reductionsOfManyElements() {
        Stream<int[]> axes = Stream.of(new int[][] {{0}, {1}, {2}, {0, 1}, {1, 2}, {0, 2}, {0, 1, 2}});
        return axes.flatMap(over -> Stream.of(Shape.of(2, 3, MANY), Shape.of(3, MANY, 2), Shape.of(MANY, 1, 3))
                .map(shape -> DynamicTest.dynamicTest(shape + " over " + Arrays.toString(over), () -> {
                    Map<String, Value> values = new LinkedHashMap<>();
                    values.put("x", uniform(shape, over.length));
                    Expr x = Expr.input("x", shape);
                    Graph sum = Match.withGradients(x.sumKeepDims(over), List.of(x), values, 1);
                    Match.check("sum", sum, values, 1, 1);
                    Match.check("max", Graph.of(Map.of("y", x.maxKeepDims(over))), values, 1, 1);
                })));
    }

    /** One row of integers for all rows, and one for each. */
    @Test
    void integersAreBroadcast() {
        Expr labels = Expr.input("labels", Shape.of(3), DType.INT);
        Expr hot =
                labels.reshape(3, 1).eq(Expr.iota(5)).mul(Expr.iota(5).toFloat().add(2));
        Map<String, Value> values = Map.of("labels", new Value(Shape.of(3), new double[] {4, 0, 3}));
        Match.check("one hot", Graph.of(Map.of("y", hot)), values, 1, 1);
    }

    private static Value uniform(Shape shape, long seed) {
        double[] data = new SplittableRandom(seed)
                .doubles(shape.size(), -0.2, 0.2)
                .map(d -> (float) d)
                .toArray();
        return new Value(shape, data);
    }

    private static void check(Row row) {
        double[] loose = new double[CASES];
        for (int seed = 0; seed < CASES; seed++) {
            Case c = row.at(seed);
            Map<String, Value> values = new LinkedHashMap<>(c.inputs());
            List<Expr> wrt = c.differentiable().stream().map(c::leaf).toList();
            Graph graph = Match.withGradients(c.output(), wrt, values, seed);
            loose[seed] = Match.check(row + ", seed " + seed, graph, values, Case.SEED, 1 + seed % 2);
        }
        Arrays.sort(loose);
        assertThat(loose[CASES / 2]).as("median bound, relative").isLessThan(1e-4);
    }
}
