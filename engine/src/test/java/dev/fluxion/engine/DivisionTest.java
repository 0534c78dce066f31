package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.engine.plan.Phase;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrentCell;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Steps that threads share: each in as many parts as there are threads, with the bits of one thread. */
class DivisionTest {
    private static final int DRAWN = Integer.getInteger("fluxion.divisions", 20);
    private static final int[] THREADS = {1, 2, 3, 4, 8};

    private static Map<String, Function<Leaves, Expr>> graphs() {
        Map<String, Function<Leaves, Expr>> all = new LinkedHashMap<>();
        all.put("rows of an image", l -> conv(l, 16, 24, 24, 3, spec(1, 1, 1, 1))
                .relu());
        all.put("rows between bounds", l -> conv(l, 16, 24, 24, 3, spec(1, 1, 1, 1))
                .clamp(0, 6)
                .conv(l.parameter("v", 512, 64, 1, 1), ConvSpec.of())
                .clamp(-0.1, 0.1));
        all.put("rows between bounds that may not be finite", l -> l.input("x", 1, 16, 24, 24)
                .exp()
                .conv(l.parameter("w", 64, 16, 3, 3), spec(1, 1, 1, 1))
                .clamp(-0.1, 0.2));
        all.put("functions between convolutions", l -> conv(l, 16, 24, 24, 3, spec(1, 1, 1, 1))
                .mul(l.parameter("scale", 64).reshape(1, 64, 1, 1))
                .abs()
                .add(0.5)
                .sqrt()
                .conv(l.parameter("v", 32, 64, 1, 1), ConvSpec.of()));
        all.put("means of an image", l -> conv(l, 16, 24, 25, 3, spec(1, 1, 1, 1))
                .mean(2, 3));
        all.put("largest elements of an image", l -> conv(l, 16, 23, 24, 3, spec(1, 1, 1, 1))
                .maxOver(2, 3));
        all.put("means of many channels", l -> l.input("x", 1, 16, 48, 48)
                .conv(l.parameter("w", 608, 16, 1, 1), ConvSpec.of())
                .mean(2, 3));
        all.put("rows with a step", l -> conv(l, 16, 25, 24, 7, spec(2, 3, 1, 1))
                .relu());
        all.put("rows of a dilated kernel", l -> conv(l, 16, 24, 24, 3, spec(1, 4, 4, 1)));
        all.put("rows of channels apart", l -> l.input("x", 1, 32, 20, 20)
                .conv(l.parameter("w", 32, 1, 3, 3), spec(1, 1, 1, 32)));
        all.put("many small groups", l -> grouped(l, conv(l, 16, 24, 24, 3, spec(1, 1, 1, 1)), 8));
        all.put("places of a sequence by themselves", l -> sequence(l, 1, 64, 128, 900, 1, 1, 0, 1, 1)
                .relu());
        all.put("places by themselves", l -> conv(l, 32, 16, 16, 1, spec(2, 0, 1, 1)));
        all.put("places by themselves, in other blocks", l -> single(l, 128, 512, 20, 1, 512));
        all.put("places by themselves with a step and what is added", l -> single(l, 256, 512, 20, 2, 512)
                .add(l.input("a", 1, 512, 10, 10).abs())
                .relu());
        all.put("many filters in blocks of 48", l -> single(l, 512, 2048, 5, 1, 2048));
        all.put("many channels, filters in other blocks", l -> single(l, 2048, 512, 5, 1, 512)
                .relu());
        all.put("few rows, many filters", l -> conv(l, 512, 4, 4, 3, spec(1, 1, 1, 1)));
        all.put("images", l -> l.input("x", 9, 8, 6, 6).conv(l.parameter("w", 32, 8, 3, 3), ConvSpec.of()));
        all.put("one behind the other", l -> conv(l, 16, 20, 20, 3, spec(1, 1, 1, 1))
                .relu()
                .conv(l.parameter("v", 64, 64, 1, 1), ConvSpec.of())
                .relu()
                .maxPool(PoolSpec.of(Size.of(2)))
                .conv(l.parameter("u", 32, 64, 3, 3), spec(1, 1, 1, 1)));
        all.put("pooling of infinite numbers", l -> conv(l, 16, 20, 20, 3, spec(1, 1, 1, 1))
                .mul(1e38)
                .mul(10)
                .maxPool(new PoolSpec(Size.of(3), Size.of(2), Size.of(1))));
        all.put("rows and what is added to them", l -> conv(l, 64, 20, 20, 3, spec(1, 1, 1, 1))
                .add(l.parameter("b", 64).reshape(1, 64, 1, 1))
                .add(l.input("a", 1, 64, 20, 20).relu().conv(l.parameter("v", 64, 64, 1, 1), ConvSpec.of()))
                .relu());
        all.put("filters and what is added to them", l -> conv(l, 512, 4, 4, 3, spec(1, 1, 1, 1))
                .add(l.parameter("b", 64).reshape(1, 64, 1, 1))
                .add(l.input("a", 1, 64, 4, 4).relu().conv(l.parameter("v", 64, 64, 1, 1), ConvSpec.of()))
                .relu());
        all.put("mean pooling", l -> conv(l, 16, 20, 20, 3, spec(1, 1, 1, 1)).avgPool(PoolSpec.of(Size.of(3))));
        all.put("rows and columns of an image that are repeated", l -> {
            Expr x = conv(l, 16, 20, 21, 3, spec(1, 1, 1, 1));
            return repeated(repeated(x, 2), 3).conv(l.parameter("v", 32, 64, 1, 1), ConvSpec.of());
        });
        all.put("columns of a row", l -> l.input("x", 1, 300)
                .matmul(l.parameter("w", 1000, 300).transposeLast()));
        all.put("columns of few rows", l -> l.input("x", 5, 300)
                .matmul(l.parameter("w", 1000, 300).transposeLast())
                .add(l.parameter("b", 1000))
                .tanh());
        all.put("rows of a product", l -> l.input("x", 301, 40).matmul(l.parameter("w", 40, 10)));
        for (RecurrentCell cell : RecurrentCell.values()) {
            all.put("sequences of " + cell, l -> sequences(l, cell, 17, 4, 64));
        }
        all.put("sequences with the products of their inputs", l -> sequences(l, RecurrentCell.GRU, 17, 86, 64));
        all.put("sequences of one length", l -> {
            Expr y = sequences(l, RecurrentCell.LSTM, 17, 4, 24);
            return new Expr(y.op(), y.inputs().subList(0, 5));
        });
        all.put("sums of images", l -> l.input("x", 1, 16, 40, 40).add(l.input("z", 1, 16, 40, 40)));
        all.put("sums over images", l -> l.input("x", 9, 16, 10, 10).add(l.input("z", 9, 16, 10, 10)));
        all.put("rows that are normalised", l -> l.input("x", 43, 7, 64)
                .layerNorm(l.parameter("w", 64), l.parameter("b", 64), 1e-5));
        all.put("samples with groups", l -> grouped(l, l.input("x", 9, 32, 6, 6), 4));
        all.put("groups of a sample", l -> grouped(l, l.input("x", 1, 32, 16, 16), 8));
        all.put("groups of a convolution", l -> grouped(l, conv(l, 16, 24, 24, 3, spec(1, 1, 1, 1)), 4));
        all.put("images side by side", DivisionTest::joined);
        all.put("many products", l -> l.input("x", 6, 70, 40).matmul(l.input("y", 6, 40, 32)));
        return all;
    }

    private static Expr grouped(Leaves l, Expr x, int groups) {
        int channels = x.shape().dim(1);
        return x.groupNorm(groups, l.parameter("weight", channels), l.parameter("bias", channels), 1e-5);
    }

    private static Expr joined(Leaves l) {
        Expr x = conv(l, 16, 24, 24, 3, spec(1, 1, 1, 1));
        Expr y = x.conv(l.parameter("v", 32, 64, 1, 1), ConvSpec.of());
        return Expr.concat(1, List.of(x, y, y.relu())).maxPool(PoolSpec.of(Size.of(2)));
    }

    private static Expr repeated(Expr x, int axis) {
        int[] places =
                IntStream.range(0, 2 * x.shape().dim(axis)).map(i -> i / 2).toArray();
        Expr index = Expr.constant(Tensor.of(places, Shape.of(1, 1, 1, 1).with(axis, places.length)));
        return x.gather(axis, index.broadcastTo(x.shape().with(axis, places.length)));
    }

    /** A convolution by kernels of 1×1 with a bias, of square images. */
    private static Expr single(Leaves l, int channels, int filters, int side, int step, int bias) {
        return l.input("x", 1, channels, side, side)
                .conv(l.parameter("w", filters, channels, 1, 1), spec(step, 0, 1, 1))
                .add(l.parameter("b", bias).reshape(1, bias, 1, 1));
    }

    /** Some of different lengths. */
    private static Expr sequences(Leaves l, RecurrentCell cell, int sequences, int steps, int width) {
        int gates = cell.gates() * width;
        Expr x = l.input("x", sequences * steps, 30)
                .matmul(l.parameter("i", gates, 30).transposeLast());
        List<Expr> operands = new ArrayList<>(List.of(
                x.add(l.parameter("b", gates)).reshape(sequences, steps, gates),
                l.parameter("w", gates, width),
                l.parameter("d", gates),
                l.input("h", sequences, width)));
        if (cell.states() > 1) {
            operands.add(l.input("c", sequences, width));
        }
        Shape each = Shape.of(sequences);
        double[] lengths =
                IntStream.range(0, sequences).mapToDouble(i -> 1 + i % steps).toArray();
        l.values.put("lengths", new Value(each, lengths));
        operands.add(Expr.input("lengths", each, DType.INT));
        return new Expr(new Recurrence(cell, cell == RecurrentCell.TANH), operands);
    }

    private static ConvSpec spec(int stride, int pad, int dilation, int groups) {
        return new ConvSpec(Size.of(stride), Size.of(pad), Size.of(dilation), groups);
    }

    private static Expr conv(Leaves leaves, int channels, int height, int width, int kernel, ConvSpec spec) {
        return leaves.input("x", 1, channels, height, width)
                .conv(leaves.parameter("w", 64, channels, kernel, kernel), spec);
    }

    @TestFactory
    Stream<DynamicTest> stepsAreDividedAndGiveTheSameBits() {
        return graphs().entrySet().stream()
                .map(g -> DynamicTest.dynamicTest(g.getKey(), () -> {
                    Leaves leaves = new Leaves(0.3);
                    Graph graph = Graph.of(Map.of("y", g.getValue().apply(leaves)));
                    assertThat(strands(graph, leaves, 2)).isEqualTo(2);
                    check(g.getKey(), graph, leaves);
                }));
    }

    @TestFactory
    Stream<DynamicTest> drawnGeometriesGiveTheSameBits() {
        return IntStream.range(0, DRAWN)
                .mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> {
                    Leaves leaves = new Leaves(0.3);
                    Graph graph = Graph.of(Map.of("y", drawn(new SplittableRandom(seed), leaves)));
                    check(graph.order().toString(), graph, leaves);
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
                        spec(one(random, 1, 1, 2, 3), pad, dilation, groups));
        boolean pools =
                random.nextBoolean() && Math.min(y.shape().dim(2), y.shape().dim(3)) > 1;
        return pools ? y.relu().maxPool(PoolSpec.of(Size.of(2))) : y.add(leaves.parameter("b", filters, 1, 1));
    }

    /** A convolution along images of a single row. */
    private static Expr sequence(
            Leaves l,
            int images,
            int channels,
            int filters,
            int length,
            int kernel,
            int step,
            int pad,
            int dilation,
            int groups) {
        ConvSpec along = new ConvSpec(new Size(1, step), new Size(0, pad), new Size(1, dilation), groups);
        return l.input("x", images, channels, 1, length)
                .conv(l.parameter("w", filters, channels / groups, 1, kernel), along);
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
                    Expr y = sequence(
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
                    check(graph.order().toString(), graph, leaves);
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
        if (NativeLibrary.lanes() >= 16) {
            Leaves leaves = new Leaves(0.3);
            Graph graph = Graph.of(Map.of("y", transposed(leaves, 1, 64, 16, 4, 24, 21, spec(2, 1, 1, 1))));
            try (Parameters parameters = Match.parameters(graph, leaves.values);
                    Program program = compile(graph, parameters, 2, 0)) {
                List<Step> steps = program.plan().phases().stream()
                        .flatMap(Phase::steps)
                        .filter(step -> step.operator().startsWith("convGradInput"))
                        .toList();
                assertThat(steps).hasSize(2).allMatch(step -> step.key().isStrand());
            }
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
                            spec(stride, random.nextInt(reach / 2 + 1), dilation, 1));
                    check(y.op().toString(), Graph.of(Map.of("y", y)), leaves);
                }));
    }

    /** Three threads cannot take two images each; the library's kernel brings channels apart into the wrong blocks. */
    @Test
    void channelsOfSeveralImagesComeIntoBlocksTogether() {
        Leaves leaves = new Leaves(0.3);
        Expr y = transposed(leaves, 2, 96, 16, 2, 19, 25, spec(1, 1, 1, 1));
        check("two images", Graph.of(Map.of("y", y)), leaves);
    }

    private static Expr transposed(
            Leaves l, int images, int filters, int channels, int kernel, int height, int width, ConvSpec spec) {
        Expr w = l.parameter("w", filters, channels, kernel, kernel);
        Shape large = Shape.of(images, channels, height, width);
        Shape small = Expr.input("like", large).conv(w, spec).shape();
        return new Expr(new Contraction.ConvGradInput(spec, large), List.of(l.input("x", small.dims()), w)).relu();
    }

    /** BLAS adds up a row by a matrix that is not transposed in an order that depends on the number of columns. */
    @Test
    void columnsThatLieAcrossStayTogether() {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", leaves.input("x", 1, 300).matmul(leaves.parameter("w", 300, 1000))));
        assertThat(strands(graph, leaves, 2)).isZero();
        check("as they lie", graph, leaves);
    }

    /** Also where parts of others lie between. */
    @Test
    void copiesToTheirPlacesAreShared() {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", joined(leaves)));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = compile(graph, parameters, 2, 0)) {
            List<Step> copies = program.plan().phases().stream()
                    .flatMap(Phase::steps)
                    .filter(step -> step.operator().equals("reorder")
                            && !step.writes().get(0).layout().isDense())
                    .toList();
            assertThat(copies).hasSize(6).allMatch(step -> step.key().isStrand());
        }
    }

    /** The library computes halves of the rows with weights in blocks of 64, and all of them with blocks of 48. */
    @Test
    void weightsArePackedAgainForPartsThatWantThemOtherwise() {
        if (NativeLibrary.lanes() >= 16) {
            assertThat(blocks(l -> single(l, 128, 512, 20, 1, 512))).containsExactly("512 Acdb64a", "512 Acdb64a");
            assertThat(blocks(l -> single(l, 512, 2048, 5, 1, 2048))).containsExactly("1008 Acdb48a", "1040 Acdb48a");
            assertThat(blocks(l -> single(l, 2048, 512, 5, 1, 512))).containsExactly("256 Acdb32a", "256 Acdb32a");
            assertThat(blocks(l -> l.input("x", 1, 128, 20, 20).conv(l.input("w", 512, 128, 1, 1), ConvSpec.of())))
                    .as("weights of a run")
                    .containsExactly("512 Acdb48a");
        }
    }

    /** Not if the whole is computed in the end, since another thread costs more than it saves. */
    @Test
    void weightsAreNotPackedAgainForPartsThatDoNotPay() {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", single(leaves, 128, 512, 20, 1, 512)));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program whole = compile(graph, parameters, 1, 0);
                Program program = compile(graph, parameters, 2, 30)) {
            assertThat(program.plan().phases()).hasSameSizeAs(whole.plan().phases());
            assertThat(program.plan().phases().get(0).steps())
                    .hasSameSizeAs(whole.plan().phases().get(0).steps().toList());
        }
    }

    /** How the parts of the only convolution read their weights: how many filters, and how they lie. */
    private static List<String> blocks(Function<Leaves, Expr> convolution) {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", convolution.apply(leaves)));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = compile(graph, parameters, 2, 0)) {
            return program.plan().phases().stream()
                    .flatMap(Phase::steps)
                    .filter(step -> step.operator().startsWith("conv"))
                    .map(step -> step.reads().get(1).layout())
                    .map(layout -> layout.dims()[0] + " " + layout.tag())
                    .toList();
        }
    }

    /** Where a thread multiplies rows of the sums, it makes them, and waits for nobody in between. */
    @Test
    void sumsOfImagesAreMadeByWhoMultipliesThem() {
        if (NativeLibrary.lanes() >= 8) {
            Leaves leaves = new Leaves(0.3);
            Expr w = leaves.parameter("w", 64, 64, 3, 3);
            Graph graph = Graph.of(Map.of("y", leaves.input("x", 1, 64, 32, 32).conv(w, spec(1, 1, 1, 1))));
            try (Parameters parameters = Match.parameters(graph, leaves.values);
                    Program program = compile(graph, parameters, 2, 1)) {
                Phase products = program.plan().phases().stream()
                        .filter(phase ->
                                phase.steps().anyMatch(step -> step.operator().endsWith("winograd")))
                        .findFirst()
                        .orElseThrow();
                assertThat(products.lanes())
                        .hasSize(2)
                        .allSatisfy(lane -> assertThat(lane.get(0).operator()).isEqualTo("winograd inputs"));
            }
            check("winograd", graph, leaves);
        }
    }

    /** Half of the groups of rows that are added up are those of half of the image. */
    @Test
    void meansAreAddedUpByWhoMadeTheRows() {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(
                Map.of("y", conv(leaves, 16, 14, 14, 3, spec(1, 1, 1, 1)).mean(2, 3)));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = compile(graph, parameters, 2, 0)) {
            Phase rows = program.plan().phases().stream()
                    .filter(phase ->
                            phase.steps().anyMatch(step -> step.operator().startsWith("conv")))
                    .findFirst()
                    .orElseThrow();
            assertThat(rows.lanes()).hasSize(2).allSatisfy(lane -> assertThat(
                            lane.get(lane.size() - 1).operator())
                    .startsWith("sum"));
        }
    }

    /** Each thread makes as many of them, whole. */
    @Test
    void sumsOfImagesAreSharedAsTheyAre() {
        if (NativeLibrary.lanes() >= 8) {
            Leaves leaves = new Leaves(0.3);
            Expr w = leaves.parameter("w", 128, 64, 3, 3);
            Graph graph = Graph.of(Map.of("y", leaves.input("x", 1, 64, 8, 8).conv(w, spec(1, 1, 1, 1))));
            try (Parameters parameters = Match.parameters(graph, leaves.values);
                    Program program = compile(graph, parameters, 2, 1)) {
                Map<ScheduleKey, Long> shares = program.plan().phases().stream()
                        .flatMap(Phase::steps)
                        .filter(step -> step.operator().equals("winograd inputs"))
                        .collect(Collectors.groupingBy(Step::key, Collectors.counting()));
                assertThat(shares.values()).containsExactly(8L, 8L);
            }
            check("winograd", graph, leaves);
        }
    }

    /** Of many large matrices, each thread reads some; of small ones, each reads all, and what it has written itself. */
    @Test
    void productsOfLargeMatricesAreSharedOneByOne() {
        if (NativeLibrary.lanes() >= 8) {
            assertThat(matrices(128, 8)).containsExactly(8L, 8L);
            assertThat(matrices(64, 32)).containsExactly(16L, 16L);
        }
    }

    /** How many matrices the parts of the products of a convolution by Winograd's method read. */
    private static List<Long> matrices(int channels, int size) {
        Leaves leaves = new Leaves(0.3);
        Expr w = leaves.parameter("w", channels, channels, 3, 3);
        Expr y = leaves.input("x", 1, channels, size, size).conv(w, spec(1, 1, 1, 1));
        Graph graph = Graph.of(Map.of("y", y));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = compile(graph, parameters, 2, 0)) {
            return program.plan().phases().stream()
                    .flatMap(Phase::steps)
                    .filter(step ->
                            step.operator().startsWith("conv") && step.key().isStrand())
                    .map(step -> step.reads().get(1).layout().dims()[0])
                    .toList();
        }
    }

    @Test
    void whatIsNotWorthItIsNotDivided() {
        Leaves leaves = new Leaves(0.3);
        Graph graph = Graph.of(Map.of("y", conv(leaves, 16, 24, 24, 3, ConvSpec.of())));
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = compile(graph, parameters, 2, 1e6)) {
            assertThat(strands(program)).isZero();
        }
    }

    private static Program compile(Graph graph, Parameters parameters, int threads, double scale) {
        return Compiler.compile(
                graph, parameters, RunState.of(parameters), new Options(threads), g -> Optional.empty(), scale);
    }

    private static long strands(Graph graph, Leaves leaves, int threads) {
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = compile(graph, parameters, threads, 0)) {
            return strands(program);
        }
    }

    private static long strands(Program program) {
        return program.plan().phases().stream()
                .flatMap(Phase::steps)
                .filter(step -> step.key().isStrand())
                .map(Step::key)
                .distinct()
                .count();
    }

    private static void check(String name, Graph graph, Leaves leaves) {
        Map<Integer, List<Tensor>> results = new LinkedHashMap<>();
        try (Parameters parameters = Match.parameters(graph, leaves.values)) {
            for (int threads : THREADS) {
                try (Program program = compile(graph, parameters, threads, 0);
                        Program undivided = compile(graph, parameters, threads, 1e9)) {
                    assertThat(kernels(program)).as(name).isEqualTo(kernels(undivided));
                    Match.write(program, graph, leaves.values);
                    program.run();
                    results.put(
                            threads,
                            graph.stages().stream()
                                    .flatMap(stage -> stage.outputs().keySet().stream())
                                    .map(program::read)
                                    .toList());
                }
            }
        }
        List<Tensor> alone = results.get(1);
        assertThat(List.copyOf(results.values())).as(name).allMatch(alone::equals);
    }

    /** What computes, by operator; a part may be copied to its place, and what is repaired is so by a step of its own. */
    private static Set<String> kernels(Program program) {
        return program.plan().phases().stream()
                .flatMap(Phase::steps)
                .filter(step -> !Set.of("reorder", "repair").contains(step.operator()))
                .map(step -> step.operator() + " " + step.implementation())
                .collect(Collectors.toSet());
    }
}
