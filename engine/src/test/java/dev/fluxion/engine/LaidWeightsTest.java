package dev.fluxion.engine;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrentCell;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Kernels lay out weights, and their gradients, with axes of their own, as one for groups, and images in blocks of channels: others who
 * read them see what they are.
 */
class LaidWeightsTest {
    private static final int CHANNELS = 16;
    private static final int RANK = 4;

    @TestFactory
    Stream<DynamicTest> parametersAreReadAsTheyAre() {
        return forAll((leaves, groups) -> {
            Expr w = leaves.parameter("w", CHANNELS, CHANNELS / groups, 3, 3);
            Expr y = images(leaves).conv(w, spec(groups));
            return new Read(w, y);
        });
    }

    @TestFactory
    Stream<DynamicTest> gradientsAreReadAsTheyAre() {
        return forAll((leaves, groups) -> {
            Expr w = leaves.parameter("w", CHANNELS, CHANNELS / groups, 3, 3);
            Expr y = images(leaves).conv(w, spec(groups));
            return new Read(Gradients.of(y.square().sum(), List.of(w)).get(0), y);
        });
    }

    /** One block of channels, which looks like an axis that is in none, is one, too. */
    @TestFactory
    Stream<DynamicTest> imagesInBlocksAreReadAsTheyAre() {
        return Stream.of(8, 16, 32).flatMap(channels -> readers(Shape.of(4, channels, 6, 5), 2).entrySet().stream()
                .map(reader -> dynamicTest(channels + " channels, " + reader.getKey(), () -> {
                    Leaves leaves = new Leaves(0.3);
                    Expr w = leaves.parameter("w", channels, channels, 1, 1);
                    Expr x = leaves.input("x", 4, channels, 6, 5);
                    Expr y = x.conv(w, ConvSpec.of());
                    Expr g = Gradients.of(y.square().sum(), List.of(x)).get(0);
                    check(reader.getKey(), leaves, reader.getValue().apply(g), y);
                })));
    }

    /** Blocks of gradients that are not full are filled up with zeros, which padding leaves zeros. */
    @TestFactory
    Stream<DynamicTest> blocksArePaddedAsTheyLie() {
        return IntStream.range(0, RANK).boxed().flatMap(axis -> Stream.of(0.0, 0.5)
                .map(value -> dynamicTest("axis " + axis + ", " + value, () -> {
                    Leaves leaves = new Leaves(0.3);
                    Expr w = leaves.parameter("w", 24, 17, 3, 3);
                    Expr y = leaves.input("x", 4, 17, 10, 10).conv(w, spec(1));
                    Expr gradient = Gradients.of(y.square().sum(), List.of(w)).get(0);
                    Expr padded = gradient.relu().pad(axis, 1, 2, value);
                    check("padded", leaves, padded, y);
                    check("padded and read", leaves, padded.exp(), y);
                })));
    }

    /** The library's own recurrence has axes for directions, layers and gates. */
    @TestFactory
    Stream<DynamicTest> weightsOfRecurrencesAreReadAsTheyAre() {
        Map<String, UnaryOperator<Expr>> readers = new LinkedHashMap<>();
        for (int axis = 0; axis < 2; axis++) {
            int along = axis;
            readers.put("slice " + axis, w -> w.slice(along, 3, 40));
            readers.put("sum " + axis, w -> w.sum(along));
            readers.put("max " + axis, w -> w.maxOver(along));
            readers.put("softmax " + axis, w -> w.softmax(along));
            readers.put("pad " + axis, w -> w.pad(along, 1, 2, 0));
            readers.put("concat " + axis, w -> Expr.concat(along, List.of(w, w)));
        }
        readers.put("transpose", w -> w.transpose(1, 0).exp());
        readers.put("reshape", w -> w.reshape(4, 64, 64).sum(1));
        readers.put("matrix product", w -> w.matmul(w.transposeLast()));
        readers.put("elementwise", w -> w.exp().mul(w.sumKeepDims(1)));
        return readers.entrySet().stream().flatMap(reader -> Stream.of("w", "i")
                .map(name -> dynamicTest(name + ", " + reader.getKey(), () -> {
                    Leaves leaves = new Leaves(0.1);
                    Expr w = leaves.parameter("w", 256, 64);
                    Expr i = leaves.parameter("i", 256, 64);
                    Expr u = leaves.input("x", 4 * 5, 64).matmul(i.transposeLast());
                    Expr y = new Expr(
                            new Recurrence(RecurrentCell.LSTM, false),
                            List.of(
                                    u.add(leaves.parameter("b", 256)).reshape(4, 5, 256),
                                    w,
                                    leaves.parameter("d", 256),
                                    leaves.input("h", 4, 64),
                                    leaves.input("c", 4, 64)));
                    check(reader.getKey(), leaves, reader.getValue().apply(name.equals("w") ? w : i), y);
                })));
    }

    private static void check(String name, Leaves leaves, Expr got, Expr other) {
        Expr both = Expr.concat(0, List.of(flat(got), flat(other)));
        Match.check(name, Match.withGradients(both, List.of(), leaves.values, 1), leaves.values, 1, 2);
    }

    /** A value to read, and what else the graph computes. */
    private record Read(Expr value, Expr other) {}

    private interface Maker {
        Read of(Leaves leaves, int groups);
    }

    private static Stream<DynamicTest> forAll(Maker maker) {
        return Stream.of(1, 2, 4, CHANNELS)
                .flatMap(groups -> readers(Shape.of(CHANNELS, CHANNELS / groups, 3, 3), groups).entrySet().stream()
                        .map(reader -> dynamicTest(groups + " groups, " + reader.getKey(), () -> {
                            Leaves leaves = new Leaves(0.3);
                            Read read = maker.of(leaves, groups);
                            check(reader.getKey(), leaves, reader.getValue().apply(read.value), read.other);
                        })));
    }

    private static Map<String, UnaryOperator<Expr>> readers(Shape shape, int groups) {
        Map<String, UnaryOperator<Expr>> all = new LinkedHashMap<>();
        int rows = shape.dim(0);
        int columns = shape.size() / rows;
        for (int i = 0; i < RANK; i++) {
            int axis = i;
            int extent = shape.dim(axis);
            if (extent > 1) {
                all.put("slice, first of axis " + axis, w -> w.slice(axis, 0, extent - 1));
                all.put("slice, last of axis " + axis, w -> w.slice(axis, 1, extent));
                all.put("slice, half of axis " + axis, w -> w.slice(axis, 0, extent / 2));
            }
            all.put("sum " + axis, w -> w.sum(axis));
            all.put("max " + axis, w -> w.maxOver(axis));
            all.put("softmax " + axis, w -> w.softmax(axis));
            all.put("pad " + axis, w -> w.pad(axis, 1, 2, 0.5));
            all.put("pad with zeros " + axis, w -> w.pad(axis, 1, 2, 0));
            all.put("pad to a multiple " + axis, w -> w.pad(axis, extent, 0, 0));
            all.put("concat " + axis, w -> Expr.concat(axis, List.of(w, w.exp(), w)));
            all.put("moments " + axis, w -> w.moments(axis));
            all.put(
                    "gather " + axis,
                    w -> w.gather(
                            axis, Expr.iota(extent).reshape(along(axis, extent)).broadcastTo(w.shape())));
        }
        List.of(List.of(1, 0, 2, 3), List.of(2, 3, 1, 0), List.of(0, 1, 3, 2), List.of(3, 0, 1, 2))
                .forEach(order -> all.put(
                        "transpose " + order,
                        w -> w.transpose(
                                order.stream().mapToInt(Integer::intValue).toArray())));
        all.put("reshape to a matrix", w -> w.reshape(rows, columns).exp());
        all.put("reshape to groups", w -> w.reshape(groups, rows / groups, columns)
                .sum(1));
        all.put("matrix product", w -> w.reshape(rows, columns)
                .matmul(w.reshape(rows, columns).transposeLast()));
        all.put("matrix products", w -> w.matmul(w.transpose(0, 1, 3, 2)));
        all.put("elementwise", w -> w.exp().mul(w).add(1));
        all.put("stretched operand", w -> w.mul(w.sumKeepDims(0, 2, 3)));
        all.put("norm", w -> w.square().sum().sqrt().broadcastTo(w.shape()).mul(w));
        all.put("as images", w -> w.conv(Expr.constant(1).broadcastTo(Shape.of(1, shape.dim(1), 2, 2)), ConvSpec.of()));
        all.put("pooled", w -> w.maxPool(new PoolSpec(Size.of(2), Size.of(1), Size.of(0))));
        return all;
    }

    private static Shape along(int axis, int extent) {
        return Shape.of(
                IntStream.range(0, RANK).map(i -> i == axis ? extent : 1).toArray());
    }

    private static Expr images(Leaves leaves) {
        return leaves.input("x", 4, CHANNELS, 10, 10);
    }

    private static ConvSpec spec(int groups) {
        return new ConvSpec(Size.of(1), Size.of(1), Size.of(1), groups);
    }

    private static Expr flat(Expr e) {
        return e.reshape(e.shape().size());
    }
}
