package dev.fluxion.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CropUnreadTest {
    private final Expr x = Expr.input("x", Shape.of(2, 1, 16, 15));
    private final Expr w = Expr.parameter("w", Shape.of(3, 1, 3, 2));
    private final Expr b = Expr.parameter("b", Shape.of(3));
    private final Expr v = Expr.parameter("v", Shape.of(2, 3, 2, 3));

    /** Two convolutions with poolings; the second one's windows may leave rows or columns over. */
    private Expr net(int stride, int pad, boolean activation, boolean kept) {
        PoolSpec two = new PoolSpec(Size.of(2), Size.of(2), Size.of(0));
        Expr first = x.conv(w, ConvSpec.of()).add(b.reshape(1, 3, 1, 1));
        Expr pooled = (activation ? first.relu() : first).maxPool(two);
        ConvSpec spec = new ConvSpec(Size.of(stride), Size.of(pad), Size.of(1), 1);
        Expr second = pooled.conv(v, spec).tanh();
        Expr all = second.maxPool(two).square().sum();
        return kept ? all.add(second.sum()) : all;
    }

    @ParameterizedTest
    @CsvSource({
        // stride, pad, activation, all of the second convolution read, rows of its result before and after
        "1, 0, false, false, 6, 6",
        "1, 0, true, false, 6, 6",
        "2, 0, true, false, 3, 2",
        "1, 1, true, false, 8, 8",
        "2, 1, true, false, 4, 4",
        "2, 0, true, true, 3, 3"
    })
    void keepsTheMeaning(int stride, int pad, boolean activation, boolean kept, int before, int after) {
        Expr loss = net(stride, pad, activation, kept);
        Map<String, Expr> outputs = new LinkedHashMap<>();
        outputs.put("loss", loss);
        List<Expr> gradients = Gradients.of(loss, List.of(x, w, b, v));
        for (int i = 0; i < gradients.size(); i++) {
            outputs.put("gradient " + i, gradients.get(i));
        }
        Graph graph = CommonSubexpressions.apply(Simplify.apply(Graph.of(outputs)));
        Graph less = CropUnread.apply(graph);
        assertThat(rows(graph)).isEqualTo(before);
        assertThat(rows(less)).isEqualTo(after);
        Map<String, Value> expected = interpreter().run(graph);
        interpreter().run(less).forEach((name, value) -> assertThat(value.data())
                .as(name)
                .containsExactly(expected.get(name).data(), within(1e-12)));
    }

    /** What has several results is computed as a whole, whatever is read of each. */
    @Test
    void severalResultsStayWhole() {
        PoolSpec two = new PoolSpec(Size.of(2), Size.of(2), Size.of(0));
        Expr row = Expr.constant(1).broadcastTo(Shape.of(15));
        Expr y = x.conv(w, new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1))
                .slice(3, 0, 15)
                .layerNorm(row, row, 1e-5);
        Expr columns = Expr.concat(3, List.of(y, y.result(1), y.result(2)));
        Map<String, Expr> outputs = new LinkedHashMap<>();
        Expr statistics = y.result(1).mul(y.result(2)).sum();
        Expr loss =
                y.maxPool(two).sum().add(columns.maxPool(two).square().sum()).add(statistics);
        outputs.put("loss", loss);
        outputs.put("gradient", Gradients.of(loss, List.of(w)).get(0));
        Graph graph = CommonSubexpressions.apply(Simplify.apply(Graph.of(outputs)));
        Map<String, Value> expected = interpreter().run(graph);
        interpreter().run(CropUnread.apply(graph)).forEach((name, value) -> assertThat(value.data())
                .as(name)
                .containsExactly(expected.get(name).data(), within(1e-12)));
    }

    /** A broadcast is made smaller where its rows and columns are all the same, else a part of it is taken. */
    @ParameterizedTest
    @CsvSource({"2×3×1×1, 4×4", "1, 4×4", "3×5×1, 5×4", "2×1×1×5, 4×4", "5×5, 5×5"})
    void broadcastsAreCut(String source, String made) {
        int[] dims =
                Arrays.stream(source.split("×")).mapToInt(Integer::parseInt).toArray();
        Expr image = Expr.input("image", Shape.of(2, 3, 5, 5));
        Expr factor = Expr.parameter("factor", Shape.of(dims));
        Expr all = factor.broadcastTo(image.shape());
        PoolSpec two = new PoolSpec(Size.of(2), Size.of(2), Size.of(0));
        Graph graph = Graph.of(Map.of("y", image.mul(all).maxPool(two)));
        Graph less = CropUnread.apply(graph);
        assertThat(less.order().stream()
                        .filter(e -> e.op() instanceof Movement.Broadcast)
                        .map(e -> e.shape().toString()))
                .containsExactly("2×3×" + made);
        Random random = new Random(6);
        Interpreter interpreter = new Interpreter();
        List.of(image, factor).forEach(leaf -> bind(interpreter, leaf, random));
        assertThat(interpreter.run(less).get("y").data())
                .containsExactly(interpreter.run(graph).get("y").data());
    }

    /** The rows that the convolution with two output channels makes. */
    private static int rows(Graph graph) {
        return graph.order().stream()
                .filter(e -> e.op() instanceof Contraction.Conv && e.shape().dim(1) == 2)
                .mapToInt(e -> e.shape().dim(2))
                .findFirst()
                .orElseThrow();
    }

    private Interpreter interpreter() {
        Random random = new Random(5);
        Interpreter interpreter = new Interpreter();
        for (Expr leaf : List.of(x, w, b, v)) {
            bind(interpreter, leaf, random);
        }
        return interpreter;
    }

    private static void bind(Interpreter interpreter, Expr leaf, Random random) {
        String name = leaf.op() instanceof Leaf.Input in ? in.name() : ((Leaf.Parameter) leaf.op()).name();
        double[] data = random.doubles(leaf.shape().size(), -1, 1).toArray();
        interpreter.bind(name, new Value(leaf.shape(), data));
    }
}
