package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
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
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Steps that threads share: each in as many parts as there are threads, with the bits of one thread. */
class DivisionTest {
    private static Map<String, Function<Leaves, Expr>> graphs() {
        Map<String, Function<Leaves, Expr>> all = new LinkedHashMap<>();
        all.put("rows of an image", l -> Divided.conv(l, 16, 24, 24, 3, Divided.spec(1, 1, 1, 1))
                .relu());
        all.put("rows between bounds", l -> Divided.conv(l, 16, 24, 24, 3, Divided.spec(1, 1, 1, 1))
                .clamp(0, 6)
                .conv(l.parameter("v", 512, 64, 1, 1), ConvSpec.of())
                .clamp(-0.1, 0.1));
        all.put("rows between bounds that may not be finite", l -> l.input("x", 1, 16, 24, 24)
                .exp()
                .conv(l.parameter("w", 64, 16, 3, 3), Divided.spec(1, 1, 1, 1))
                .clamp(-0.1, 0.2));
        all.put("functions between convolutions", l -> Divided.conv(l, 16, 24, 24, 3, Divided.spec(1, 1, 1, 1))
                .mul(l.parameter("scale", 64).reshape(1, 64, 1, 1))
                .abs()
                .add(0.5)
                .sqrt()
                .conv(l.parameter("v", 32, 64, 1, 1), ConvSpec.of()));
        all.put("means of an image", l -> Divided.conv(l, 16, 24, 25, 3, Divided.spec(1, 1, 1, 1))
                .mean(2, 3));
        all.put("largest elements of an image", l -> Divided.conv(l, 16, 23, 24, 3, Divided.spec(1, 1, 1, 1))
                .maxOver(2, 3));
        all.put("means of many channels", l -> l.input("x", 1, 16, 48, 48)
                .conv(l.parameter("w", 608, 16, 1, 1), ConvSpec.of())
                .mean(2, 3));
        all.put("rows with a step", l -> Divided.conv(l, 16, 25, 24, 7, Divided.spec(2, 3, 1, 1))
                .relu());
        all.put("rows of a dilated kernel", l -> Divided.conv(l, 16, 24, 24, 3, Divided.spec(1, 4, 4, 1)));
        all.put("rows of channels apart", l -> l.input("x", 1, 32, 20, 20)
                .conv(l.parameter("w", 32, 1, 3, 3), Divided.spec(1, 1, 1, 32)));
        all.put("many small groups", l -> grouped(l, Divided.conv(l, 16, 24, 24, 3, Divided.spec(1, 1, 1, 1)), 8));
        all.put("places of a sequence by themselves", l -> Divided.sequence(l, 1, 64, 128, 900, 1, 1, 0, 1, 1)
                .relu());
        all.put("halves of a sequence", l -> Divided.sequence(l, 1, 64, 64, 900, 5, 1, 4, 2, 1)
                .relu());
        all.put("products with a number for each channel", l -> Divided.conv(l, 16, 24, 24, 3, Divided.spec(1, 1, 1, 1))
                .mul(l.input("gate", 1, 64, 1, 1)));
        all.put("places by themselves", l -> Divided.conv(l, 32, 16, 16, 1, Divided.spec(2, 0, 1, 1)));
        all.put("places by themselves, in other blocks", l -> Divided.single(l, 128, 512, 20, 1, 512));
        all.put("places by themselves with a step and what is added", l -> Divided.single(l, 256, 512, 20, 2, 512)
                .add(l.input("a", 1, 512, 10, 10).abs())
                .relu());
        all.put("many filters in blocks of 48", l -> Divided.single(l, 512, 2048, 5, 1, 2048));
        all.put("many channels, filters in other blocks", l -> Divided.single(l, 2048, 512, 5, 1, 512)
                .relu());
        all.put("few rows, many filters", l -> Divided.conv(l, 512, 4, 4, 3, Divided.spec(1, 1, 1, 1)));
        all.put("images", l -> l.input("x", 9, 8, 6, 6).conv(l.parameter("w", 32, 8, 3, 3), ConvSpec.of()));
        all.put("one behind the other", l -> Divided.conv(l, 16, 20, 20, 3, Divided.spec(1, 1, 1, 1))
                .relu()
                .conv(l.parameter("v", 64, 64, 1, 1), ConvSpec.of())
                .relu()
                .maxPool(PoolSpec.of(Size.of(2)))
                .conv(l.parameter("u", 32, 64, 3, 3), Divided.spec(1, 1, 1, 1)));
        all.put("pooling of infinite numbers", l -> Divided.conv(l, 16, 20, 20, 3, Divided.spec(1, 1, 1, 1))
                .mul(1e38)
                .mul(10)
                .maxPool(new PoolSpec(Size.of(3), Size.of(2), Size.of(1))));
        all.put("rows and what is added to them", l -> Divided.conv(l, 64, 20, 20, 3, Divided.spec(1, 1, 1, 1))
                .add(l.parameter("b", 64).reshape(1, 64, 1, 1))
                .add(l.input("a", 1, 64, 20, 20).relu().conv(l.parameter("v", 64, 64, 1, 1), ConvSpec.of()))
                .relu());
        all.put("filters and what is added to them", l -> Divided.conv(l, 512, 4, 4, 3, Divided.spec(1, 1, 1, 1))
                .add(l.parameter("b", 64).reshape(1, 64, 1, 1))
                .add(l.input("a", 1, 64, 4, 4).relu().conv(l.parameter("v", 64, 64, 1, 1), ConvSpec.of()))
                .relu());
        all.put("mean pooling", l -> Divided.conv(l, 16, 20, 20, 3, Divided.spec(1, 1, 1, 1))
                .avgPool(PoolSpec.of(Size.of(3))));
        all.put("rows and columns of an image that are repeated", l -> {
            Expr x = Divided.conv(l, 16, 20, 21, 3, Divided.spec(1, 1, 1, 1));
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
        all.put(
                "groups of a convolution",
                l -> grouped(l, Divided.conv(l, 16, 24, 24, 3, Divided.spec(1, 1, 1, 1)), 4));
        all.put("images side by side", Divided::joined);
        all.put("many products", l -> l.input("x", 6, 70, 40).matmul(l.input("y", 6, 40, 32)));
        return all;
    }

    private static Expr grouped(Leaves l, Expr x, int groups) {
        int channels = x.shape().dim(1);
        return x.groupNorm(groups, l.parameter("weight", channels), l.parameter("bias", channels), 1e-5);
    }

    private static Expr repeated(Expr x, int axis) {
        int[] places =
                IntStream.range(0, 2 * x.shape().dim(axis)).map(i -> i / 2).toArray();
        Expr index = Expr.constant(Tensor.of(places, Shape.of(1, 1, 1, 1).with(axis, places.length)));
        return x.gather(axis, index.broadcastTo(x.shape().with(axis, places.length)));
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

    @TestFactory
    Stream<DynamicTest> stepsAreDividedAndGiveTheSameBits() {
        return graphs().entrySet().stream()
                .map(g -> DynamicTest.dynamicTest(g.getKey(), () -> {
                    Leaves leaves = new Leaves(0.3);
                    Graph graph = Graph.of(Map.of("y", g.getValue().apply(leaves)));
                    assertThat(Divided.strands(graph, leaves, 2)).isEqualTo(2);
                    Divided.check(g.getKey(), graph, leaves);
                }));
    }
}
