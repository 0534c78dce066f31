package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.engine.Poison.Setting;
import dev.fluxion.engine.catalogue.Case;
import dev.fluxion.engine.catalogue.OperatorCatalogue;
import dev.fluxion.engine.catalogue.Row;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrentCell;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.UnaryFn;
import dev.fluxion.ir.Value;
import dev.fluxion.ir.ValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the interpreter says is NaN or infinite, no kernel makes finite: every operator, every fusion, every division of work. */
class NotFiniteTest {
    private static final int CASES = Integer.getInteger("fluxion.poisons", 2);
    private static final int MANY = 1500;
    private static final ConvSpec PADDED = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
    private static final PoolSpec HALVED = PoolSpec.of(Size.of(2));

    @TestFactory
    Stream<DynamicTest> everyOperatorAndItsGradients() {
        return OperatorCatalogue.rows().stream()
                .map(row -> DynamicTest.dynamicTest(row.name(), () -> {
                    for (int seed = 0; seed < CASES; seed++) {
                        check(row, seed);
                    }
                }));
    }

    private static void check(Row row, int seed) {
        Case c = row.at(seed);
        Poison poison = new Poison(seed);
        Expr y = Poison.replaced(c.output(), poison::into);
        List<Expr> wrt = c.differentiable().stream().map(c::leaf).toList();
        Map<String, Value> values = new LinkedHashMap<>(c.inputs());
        values.putAll(poison.values);
        Graph graph = Match.withGradients(y, wrt, values, seed);
        try {
            Poison.check(row + ", seed " + seed, graph, values, Setting.threads(1 + seed % 2));
        } catch (ValueException refused) {
            assertThat(refused).hasMessageContaining("element");
        }
    }

    /** Functions of many elements have kernels of their own, or run along with a convolution or a product. */
    @TestFactory
    Stream<DynamicTest> functionsOfManyElementsAndBehindProducts() {
        return Arrays.stream(UnaryFn.values())
                .map(fn -> DynamicTest.dynamicTest(fn.toString(), () -> {
                    for (int seed = 0; seed < 6; seed++) {
                        Poison p = new Poison(seed);
                        double alpha = fn == UnaryFn.POWER ? 2 : seed % 2 == 0 ? 0.5 : 0;
                        Elementwise.Unary op = new Elementwise.Unary(fn, fn.parameterised() ? alpha : 0);
                        Expr x = p.into(p.input("x", 2, MANY));
                        Expr image = p.into(p.input("image", 2, 5, 6, 6));
                        Expr conv = image.conv(p.parameter("w", 0.3, seed % 2 == 0 ? 16 : 11, 5, 3, 3), PADDED);
                        Expr product = p.into(p.input("rows", 4, 40)).matmul(p.parameter("m", 0.3, 40, 32));
                        for (Expr operand : List.of(x, conv, product)) {
                            Expr y = new Expr(op, List.of(operand));
                            Map<String, Value> values = new LinkedHashMap<>(p.values);
                            Graph graph = Match.withGradients(y, List.of(operand), values, seed);
                            Poison.check(fn + ", seed " + seed, graph, values, Setting.threads(1));
                            Graph alone = Graph.of(Map.of("y", y, "reciprocal", y.reciprocal()));
                            Poison.check(fn + " alone, seed " + seed, alone, values, Setting.threads(1));
                        }
                    }
                }));
    }

    /** Recurrences over one sequence and over several, which have kernels of their own where weights are parameters. */
    @ParameterizedTest
    @EnumSource(RecurrentCell.class)
    void recurrences(RecurrentCell cell) {
        int width = 8;
        for (int seed = 0; seed < 8 * CASES; seed++) {
            int sequences = 1 + seed % 2;
            Poison p = new Poison(seed);
            int gates = cell.gates() * width;
            Expr of = p.input("x", sequences * 3, 5);
            Expr x = (seed % 3 == 0 ? of : p.into(of)).matmul(p.parameter("i", 0.3, 5, gates));
            List<Expr> operands = new ArrayList<>(List.of(
                    x.reshape(sequences, 3, gates), p.parameter("w", 0.3, gates, width), p.parameter("d", 0.3, gates)));
            for (int i = 0; i < cell.states(); i++) {
                operands.add(p.input("state" + i, sequences, width));
            }
            if (seed % 3 == 0) {
                p.spoil("w", seed % 4 == 0);
            }
            Graph graph = Graph.of(Map.of("y", new Expr(new Recurrence(cell, false), operands)));
            Poison.check(cell + ", seed " + seed, graph, p.values, Setting.threads(1));
        }
    }

    /** Poolings of results that are infinite, NaN or large, in every layout. */
    @Test
    void poolings() {
        for (int seed = 0; seed < 8 * CASES; seed++) {
            Random random = new Random(seed);
            Poison p = new Poison(seed);
            int channels = List.of(1, 3, 8, 11, 16, 24).get(random.nextInt(6));
            int extent = 4 + random.nextInt(5);
            Expr x = p.input("x", 2, 3, extent, extent);
            Expr y = x.conv(p.parameter("w", 0.3, channels, 3, 3, 3), PADDED);
            Expr z = random.nextBoolean() ? y : y.relu();
            Expr image = random.nextInt(3) == 0 ? p.into(z) : z;
            p.spoil("w", random.nextInt(4) == 0);
            PoolSpec spec = new PoolSpec(Size.of(2), Size.of(1 + random.nextInt(2)), Size.of(random.nextInt(2)));
            Expr pooled = image.maxPool(spec);
            Map<String, Value> values = new LinkedHashMap<>(p.values);
            Graph graph = random.nextBoolean()
                    ? Graph.of(Map.of("y", pooled))
                    : Match.withGradients(pooled, List.of(x), values, seed);
            Poison.check("pooling, seed " + seed, graph, values, Setting.threads(1));
        }
    }

    /**
     * The library's own relu, which makes 0 of NaN, is used where all numbers are known to be finite; where a weight is NaN, or a sum
     * might overflow, another one is. A number has the same bits whatever is beside it, down to the smallest ones.
     */
    @Test
    void reluKeepsNaNAndItsBitsDoNotDependOnOtherNumbers() {
        Expr factors = Expr.parameter("s", Shape.of(16, 1, 1));
        for (UnaryOperator<Expr> norm : List.<UnaryOperator<Expr>>of(y -> y, y -> y.mul(factors))) {
            UnaryOperator<Expr> relu = y -> norm.apply(y).relu();
            for (float x : new float[] {0, Float.MIN_VALUE, 0x1p-140f, 0x1p-130f, 0x1p-128f, Float.MIN_NORMAL, 1}) {
                for (float beside : new float[] {0, 0x1p90f, 0x1p110f}) {
                    assertThat(first(relu, x, beside, 1)).isEqualTo(x);
                    assertThat(first(relu, -x, beside, 1)).isEqualTo(0f);
                }
            }
            assertThat(first(relu, Float.MAX_VALUE, 0, 1)).isEqualTo(Float.MAX_VALUE);
            assertThat(first(relu, 1, 0, Float.NaN)).isNaN();
        }
    }

    /** The library's own bounds make numbers of NaN, too. */
    @Test
    void boundsKeepNaNAndTheirBitsDoNotDependOnOtherNumbers() {
        UnaryOperator<Expr> clamp = y -> y.clamp(0, 6);
        for (float x : new float[] {0, -0f, Float.MIN_VALUE, 0x1p-130f, 1, 5.9999995f, 6, 7, Float.MAX_VALUE}) {
            for (float beside : new float[] {0, 0x1p90f, 0x1p110f}) {
                assertThat(first(clamp, x, beside, 1)).isEqualTo(Math.min(x + 0f, 6));
                assertThat(first(clamp, -x, beside, 1)).isEqualTo(0f);
            }
        }
        assertThat(first(clamp, 1, 0, Float.NaN)).isNaN();
    }

    /** A convolution between bounds, by channels with and without padding, in tiles and in parts. */
    @Test
    void boundsBehindConvolutions() {
        for (int seed = 0; seed < 8 * CASES; seed++) {
            Poison p = new Poison(seed);
            Expr image = p.into(p.input("image", 2, 5, 6, 6));
            Expr conv = image.conv(p.parameter("w", 0.3, seed % 2 == 0 ? 16 : 11, 5, 3, 3), PADDED);
            double most = seed % 3 == 0 ? Double.POSITIVE_INFINITY : 0.3;
            p.spoil("w", seed % 4 == 0);
            Expr y = (seed % 5 == 0 ? conv.relu() : conv).clamp(-0.2, most);
            Poison.check("bounds, seed " + seed, Graph.of(Map.of("y", y)), p.values, Setting.threads(1 + seed % 2));
        }
    }

    /** What pads counts among the numbers that are known. */
    @Test
    void paddingThatIsNotFinite() {
        Poison p = new Poison(1);
        Expr images = p.input("x", 1, 16, 9, 9).pad(2, 1, 1, Double.POSITIVE_INFINITY);
        Expr y = images.conv(p.parameter("w", 0.3, 16, 16, 1, 1), ConvSpec.of()).relu();
        Poison.check(
                "padding", Graph.of(Map.of("y", y, "pooled", images.maxPool(HALVED))), p.values, Setting.threads(1));
    }

    /** The first result of a convolution of images of two numbers, the second of which has no weight. */
    private static float first(UnaryOperator<Expr> then, float first, float second, float weight) {
        Shape images = Shape.of(1, 16, 9, 9);
        Expr w = Expr.parameter("w", Shape.of(16, 16, 1, 1));
        Expr conv = Expr.input("x", images).conv(w, ConvSpec.of());
        Graph graph = Graph.of(Map.of("y", then.apply(conv)));
        float[] weights = new float[16 * 16];
        weights[0] = weight;
        float[] values = new float[images.size()];
        values[0] = first;
        values[81] = second;
        Map<String, Tensor> ones = Map.of("w", Tensor.zeros(16, 16, 1, 1), "s", Tensor.full(1, 16, 1, 1));
        try (Parameters parameters = Parameters.of(ones)) {
            parameters.setWithNaN(Map.of("w", Tensor.of(weights, w.shape())));
            try (Program program = Compiler.compile(graph, parameters, new Options(1))) {
                program.write("x", Tensor.of(values, images));
                program.run();
                return program.read("y").floats()[0];
            }
        }
    }

    @Test
    void netsOfEveryBatchSizeTiledAndOnTwoThreads() {
        for (int seed = 0; seed < 2 * CASES; seed++) {
            for (int batch : new int[] {1, 2, 16}) {
                net(seed, batch);
            }
        }
    }

    private static void net(int seed, int batch) {
        Random random = new Random(seed);
        Poison p = new Poison(seed);
        List<String> weights = new ArrayList<>();
        Expr x = p.input("x", batch, 3, 6, 6);
        Expr y = x;
        for (int layer = 0; layer < 3; layer++) {
            int filters = List.of(6, 16, 32, 64).get(random.nextInt(batch == 1 ? 4 : 3));
            String name = "w" + layer;
            weights.add(name);
            y = y.conv(p.parameter(name, 0.2, filters, y.shape().dim(1), 3, 3), PADDED);
            y = random.nextBoolean()
                    ? y.add(p.parameter("b" + layer, 0.1, filters).reshape(1, filters, 1, 1))
                    : y;
            if (random.nextInt(3) == 0) {
                weights.add("s" + layer);
                y = y.sub(p.parameter("m" + layer, 0.1, filters, 1, 1)).mul(p.parameter("s" + layer, 1, filters, 1, 1));
            }
            y = activation(y, random.nextInt(8));
            if (random.nextInt(4) == 0) {
                y = inside(y, random.nextInt(6));
            }
            y = random.nextInt(2) == 0 && y.shape().dim(2) % 2 == 0 ? y.maxPool(HALVED) : y;
        }
        Expr rows = y.flatten(1);
        Expr out = activation(rows.matmul(p.parameter("m", 0.1, rows.shape().dim(1), 48)), random.nextInt(8));
        Expr logits = out.matmul(p.parameter("n", 0.1, 48, 7));
        if (random.nextInt(4) > 0) {
            p.spoil(weights.get(random.nextInt(weights.size())), random.nextBoolean());
        }
        Map<String, Expr> outputs = new LinkedHashMap<>();
        outputs.put("image", y);
        outputs.put("logits", logits);
        outputs.put("shares", logits.softmax(1));
        Map<String, Value> values = new LinkedHashMap<>(p.values);
        Graph some = Graph.of(Map.of("logits", logits));
        Graph all = random.nextBoolean() ? Graph.of(outputs) : Match.withGradients(logits, List.of(x), values, seed);
        String what = "net, seed " + seed + ", batch " + batch;
        Setting tiled = batch == 1 ? Setting.threads(2) : Setting.tiles(batch, Math.min(batch, 4));
        Poison.check(what, some, values, Setting.threads(1), tiled);
        Poison.check(what, all, values, Setting.threads(2));
    }

    private static Expr activation(Expr x, int kind) {
        return switch (kind) {
            case 0, 1, 2 -> x.relu();
            case 3 -> x.leakyRelu(0.1);
            case 4 -> x.tanh();
            case 5 -> x.gelu();
            case 6 -> x.exp();
            default -> x;
        };
    }

    /** Numbers that become infinite or NaN on their way. */
    private static Expr inside(Expr x, int kind) {
        Shape shape = x.shape();
        return switch (kind) {
            case 0 -> x.relu().log();
            case 1 -> x.relu().div(x.relu());
            case 2 -> x.mul(1e30).square();
            case 3 -> x.sqrt();
            case 4 -> x.mul(300).exp();
            default -> x.relu().reciprocal().sub(Expr.constant(1).broadcastTo(shape));
        };
    }

    /** Factors that floats cannot hold are not put together. */
    @Test
    void constantsThatOverflow() {
        Poison p = new Poison(1);
        Expr x = p.input("x", 3).mul(1e5).square().add(1e10);
        Map<String, Expr> outputs = new LinkedHashMap<>();
        outputs.put("up and down", x.mul(1e300).mul(1e-300));
        outputs.put("down and up", x.mul(1e-300).mul(1e-300).reciprocal());
        Poison.check("constants", Graph.of(outputs), p.values, Setting.threads(1));
    }
}
