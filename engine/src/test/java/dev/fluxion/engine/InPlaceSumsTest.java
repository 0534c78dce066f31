package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.engine.check.ErrorBound;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Size;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Convolutions of predictions that put their result in the place of what is added to it, if nobody wants that any more. */
class InPlaceSumsTest {
    private static final int CHANNELS = 24;

    /** How many sums are in place, and the graph's outputs. */
    private record Row(int inPlace, Function<Leaves, Map<String, Expr>> graph) {
        static Row of(int inPlace, Function<Leaves, Expr> y) {
            return new Row(inPlace, l -> Map.of("y", y.apply(l)));
        }
    }

    private static Map<String, Row> rows() {
        Map<String, Row> all = new LinkedHashMap<>();
        all.put(
                "a residual block",
                Row.of(1, l -> last(l, block(l, "a", first(l, 1)).relu())));
        all.put(
                "one behind the other",
                Row.of(2, l -> last(l, block(l, "b", block(l, "a", first(l, 1)).relu()))));
        all.put(
                "several images",
                Row.of(1, l -> last(l, block(l, "a", first(l, 5)).clamp(0, 6))));
        all.put("another convolution", Row.of(1, l -> {
            Expr x = first(l, 1);
            return last(l, conv(l, "a", x, 3).add(conv(l, "b", x, 1)).relu());
        }));
        all.put("without a bias", Row.of(1, l -> {
            Expr x = first(l, 1);
            Expr w = l.parameter("plain", CHANNELS, CHANNELS, 3, 3);
            return last(
                    l,
                    conv(l, "a", x, 3).relu().conv(w, Divided.spec(1, 1, 1, 1)).add(x));
        }));
        all.put("by a kernel that begins with the addend", Row.of(0, l -> {
            Expr x = first(l, 1);
            Expr w = l.parameter("apart", CHANNELS, 1, 3, 3);
            return last(
                    l,
                    conv(l, "a", x, 3)
                            .relu()
                            .conv(w, Divided.spec(1, 1, 1, CHANNELS))
                            .add(x));
        }));
        all.put("read by a pooling before", Row.of(1, l -> {
            Expr x = first(l, 1);
            Expr pooled = x.maxPool(new PoolSpec(Size.of(3), Size.of(1), Size.of(1)));
            return last(l, conv(l, "a", pooled, 3).add(x));
        }));
        all.put("read once more behind it", Row.of(0, l -> {
            Expr x = first(l, 1);
            return last(l, block(l, "a", x).relu().mul(x.abs()));
        }));
        all.put("read once more beside it", Row.of(0, l -> {
            Expr x = first(l, 1);
            return last(l, block(l, "a", x)).add(conv(l, "b", conv(l, "c", x, 3).relu(), 1));
        }));
        all.put("the images themselves", Row.of(0, l -> {
            Expr x = first(l, 1);
            return last(l, conv(l, "a", x, 3).add(x));
        }));
        all.put("the images with a margin", Row.of(0, l -> {
            Expr x = first(l, 1);
            Expr w = l.parameter("wide", CHANNELS, CHANNELS, 3, 3);
            return last(
                    l,
                    x.pad(2, 2, 0, 0)
                            .conv(w, Divided.spec(1, 0, 1, 1))
                            .pad(3, 1, 1, 0)
                            .add(x));
        }));
        all.put("also seen in another shape", Row.of(0, l -> {
            Expr x = first(l, 1);
            Expr rows = x.reshape(1, CHANNELS, 1, 9 * 11);
            Expr w = l.parameter("row", CHANNELS, CHANNELS, 1, 1);
            return last(
                    l,
                    rows.conv(w, Divided.spec(1, 0, 1, 1))
                            .reshape(1, CHANNELS, 9, 11)
                            .add(x));
        }));
        all.put("also a result", new Row(0, l -> {
            Expr x = first(l, 1);
            return Map.of("x", x, "y", last(l, block(l, "a", x)));
        }));
        all.put("an input", Row.of(0, l -> {
            Expr x = l.input("x", 1, CHANNELS, 9, 11);
            return last(l, block(l, "a", x));
        }));
        all.put("the sum is the result", Row.of(0, l -> block(l, "a", first(l, 1))));
        all.put("the sum is joined", Row.of(0, l -> {
            Expr x = first(l, 1);
            Expr y = block(l, "a", x).relu();
            Expr all1 = Expr.concat(1, List.of(y, conv(l, "b", y, 3)));
            return all1.conv(l.parameter("j", 8, 2 * CHANNELS, 1, 1), Divided.spec(1, 0, 1, 1));
        }));
        return all;
    }

    private static Expr first(Leaves l, int images) {
        return conv(l, "first", l.input("x", images, CHANNELS, 9, 11), 3).relu();
    }

    private static Expr last(Leaves l, Expr x) {
        return conv(l, "last", x, 3);
    }

    private static Expr block(Leaves l, String name, Expr x) {
        return conv(l, name + "2", conv(l, name + "1", x, 3).relu(), 1).add(x);
    }

    private static Expr conv(Leaves l, String name, Expr x, int side) {
        return x.conv(l.parameter(name, CHANNELS, CHANNELS, side, side), Divided.spec(1, side / 2, 1, 1))
                .add(l.parameter(name + "b", CHANNELS).reshape(1, CHANNELS, 1, 1));
    }

    @TestFactory
    Stream<DynamicTest> sumsAreInPlaceWhereNobodyWantsTheAddendAnyMore() {
        return rows().entrySet().stream()
                .map(row -> DynamicTest.dynamicTest(row.getKey(), () -> check(row.getKey(), row.getValue())));
    }

    private static void check(String name, Row row) {
        Leaves leaves = new Leaves(0.1);
        Graph graph = Graph.of(row.graph.apply(leaves));
        int expected = NativeLibrary.lanes() < 8 ? 0 : row.inPlace;
        Tensor apart = run(name, graph, leaves, "-in-place-sums", 0);
        assertThat(run(name, graph, leaves, "", expected)).as(name).isEqualTo(apart);
        Divided.check(name, graph, leaves);
    }

    /** The second result, so that nothing that a run leaves behind shows in the next one. */
    private static Tensor run(String name, Graph graph, Leaves leaves, String switches, int inPlace) {
        System.setProperty(RuleBook.PROPERTY, switches);
        try (Parameters parameters = Match.parameters(graph, leaves.values);
                Program program = Divided.compile(graph, parameters, 1, 1e9)) {
            long found = program.plan().phases().stream()
                    .flatMap(phase -> phase.steps())
                    .filter(step -> step.operator().endsWith(" in place"))
                    .count();
            assertThat(found).as(name).isEqualTo(inPlace);
            Match.write(program, graph, leaves.values);
            program.run();
            program.run();
            Match.check(name, program, graph, new ErrorBound(Match.interpreter(leaves.values, 1)));
            return program.read("y");
        } finally {
            System.clearProperty(RuleBook.PROPERTY);
        }
    }
}
