package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Convolutions of drawn geometries that threads share. */
class DrawnDivisionsTest {
    private static final int DRAWN = Integer.getInteger("fluxion.divisions", 20);

    @TestFactory
    Stream<DynamicTest> drawnGeometriesGiveTheSameBits() {
        return IntStream.range(0, DRAWN)
                .mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> {
                    Leaves leaves = new Leaves(0.3);
                    Graph graph = Graph.of(Map.of("y", drawn(new SplittableRandom(seed), leaves)));
                    Divided.check(graph.order().toString(), graph, leaves);
                }));
    }

    private static Expr drawn(SplittableRandom random, Leaves leaves) {
        int channels = one(random, 1, 3, 8, 16, 24, 32, 64);
        int kernel = one(random, 1, 2, 3, 5, 7);
        int dilation = one(random, 1, 1, 2);
        int reach = (kernel - 1) * dilation + 1;
        int pad = random.nextInt(reach / 2 + 1);
        int height = Math.max(reach - 2 * pad, 1) + random.nextInt(30);
        int width = Math.max(reach - 2 * pad, 1) + random.nextInt(30);
        int groups = random.nextInt(4) == 0 ? channels : 1;
        int filters = groups > 1 ? channels : one(random, 1, 8, 16, 40, 64, 96, 128);
        Expr y = leaves.input("x", one(random, 1, 1, 1, 2, 5), channels, height, width)
                .conv(
                        leaves.parameter("w", filters, channels / groups, kernel, kernel),
                        Divided.spec(one(random, 1, 1, 2, 3), pad, dilation, groups));
        boolean pools =
                random.nextBoolean() && Math.min(y.shape().dim(2), y.shape().dim(3)) > 1;
        return pools ? y.relu().maxPool(PoolSpec.of(Size.of(2))) : y.add(leaves.parameter("b", filters, 1, 1));
    }

    @TestFactory
    Stream<DynamicTest> drawnSequencesGiveTheSameBits() {
        return IntStream.range(0, DRAWN)
                .mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    Leaves leaves = new Leaves(0.3);
                    int channels = one(random, 1, 3, 8, 16, 24, 64);
                    int groups = random.nextInt(4) == 0 ? channels : 1;
                    int filters = groups > 1 ? channels : one(random, 1, 8, 40, 64, 128);
                    int kernel = one(random, 1, 1, 2, 3, 5, 9);
                    int dilation = one(random, 1, 1, 2, 8);
                    int reach = (kernel - 1) * dilation + 1;
                    Expr y = Divided.sequence(
                            leaves,
                            one(random, 1, 1, 1, 3),
                            channels,
                            filters,
                            reach + 1 + random.nextInt(900),
                            kernel,
                            one(random, 1, 1, 2, 3),
                            random.nextInt(reach / 2 + 1),
                            dilation,
                            groups);
                    boolean pools = random.nextBoolean() && y.shape().dim(3) > 1;
                    PoolSpec pairs = PoolSpec.of(new Size(1, 2));
                    Expr z = pools ? y.relu().maxPool(pairs) : y.add(leaves.parameter("b", filters, 1, 1));
                    Graph graph = Graph.of(Map.of(
                            "y",
                            z,
                            "slope",
                            Gradients.of(z.sum(), List.of(input(z))).get(0)));
                    Divided.check(graph.order().toString(), graph, leaves);
                }));
    }

    private static Expr input(Expr of) {
        return Graph.of(Map.of("y", of)).inputs().get(0);
    }

    private static int one(SplittableRandom random, int... numbers) {
        return numbers[random.nextInt(numbers.length)];
    }

    /** Rows of the larger images, each from those of the smaller ones that reach it. */
    @Test
    void transposedConvolutionsAreShared() {
        Vectors.require(16);
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", transposed(leaves, 1, 64, 16, 4, 24, 21, Divided.spec(2, 1, 1, 1))));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Divided.compile(graph, parameters, 2, 0)) {
            List<Step> steps = program.plan().phases().stream()
                    .flatMap(Phase::steps)
                    .filter(step -> step.operator().startsWith("convGradInput"))
                    .toList();
            assertThat(steps).hasSize(2).allMatch(step -> step.key().isStrand());
        }
    }

    @TestFactory
    Stream<DynamicTest> drawnTransposedConvolutionsGiveTheSameBits() {
        return IntStream.range(0, DRAWN)
                .mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    Leaves leaves = new Leaves(0.3);
                    int kernel = one(random, 1, 2, 3, 4, 5);
                    int stride = one(random, 1, 2, 2, 3);
                    int dilation = one(random, 1, 1, 2);
                    int reach = (kernel - 1) * dilation + 1;
                    Expr y = transposed(
                            leaves,
                            one(random, 1, 1, 2),
                            one(random, 8, 16, 64, 96),
                            one(random, 1, 3, 16, 32, 40, 64),
                            kernel,
                            reach + random.nextInt(30),
                            reach + random.nextInt(30),
                            Divided.spec(stride, random.nextInt(reach / 2 + 1), dilation, 1));
                    Divided.check(y.op().toString(), Graph.of(Map.of("y", y)), leaves);
                }));
    }

    /** Three threads cannot take two images each; the library's kernel brings channels apart into the wrong blocks. */
    @Test
    void channelsOfSeveralImagesComeIntoBlocksTogether() {
        Leaves leaves = new Leaves(0.3);
        Expr y = transposed(leaves, 2, 96, 16, 2, 19, 25, Divided.spec(1, 1, 1, 1));
        Divided.check("two images", Graph.of(Map.of("y", y)), leaves);
    }

    private static Expr transposed(
            Leaves l, int images, int filters, int channels, int kernel, int height, int width, ConvSpec spec) {
        Expr w = l.parameter("w", filters, channels, kernel, kernel);
        Shape large = Shape.of(images, channels, height, width);
        Shape small = Expr.input("like", large).conv(w, spec).shape();
        return new Expr(new Contraction.ConvGradInput(spec, large), List.of(l.input("x", small.dims()), w)).relu();
    }
}
