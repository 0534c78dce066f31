package dev.fluxion.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SingleChannelTest {
    @ParameterizedTest
    @CsvSource({
        // batch, channels, stride, pad h, pad w, bias, rewritten
        "8, 1, 1, 0, 0, true, true",
        "9, 1, 1, 1, 0, true, true",
        "8, 1, 1, 1, 2, true, true",
        "8, 1, 1, 1, 1, false, true",
        "7, 1, 1, 0, 0, true, false",
        "8, 2, 1, 0, 0, true, false",
        "8, 1, 2, 0, 0, true, false",
        "8, 1, 1, 2, 0, true, false"
    })
    void keepsTheMeaning(int batch, int channels, int stride, int padH, int padW, boolean bias, boolean rewritten) {
        Shape images = Shape.of(batch, channels, 6, 7);
        Expr x = Expr.input("x", images);
        Expr w = Expr.parameter("w", Shape.of(4, channels, 3, 5));
        Expr b = Expr.parameter("b", Shape.of(4));
        ConvSpec spec = new ConvSpec(Size.of(stride), Size.of(padH, padW), Size.of(1), 1);
        Expr conv = x.conv(w, spec);
        Expr y = bias ? conv.add(b.reshape(1, 4, 1, 1)) : conv;
        List<Expr> gradients = Gradients.of(y.square().sin().sum(), List.of(w, b, x));
        Map<String, Expr> outputs = new LinkedHashMap<>();
        for (int i = 0; i < gradients.size(); i++) {
            outputs.put("g" + i, gradients.get(i));
        }
        Graph before = CommonSubexpressions.apply(Simplify.apply(Graph.of(outputs)));
        Graph after = SingleChannel.apply(before, e -> true);
        assertThat(after.order().stream().noneMatch(e -> e.op() instanceof Contraction.ConvGradWeight))
                .isEqualTo(rewritten);
        assertThat(SingleChannel.apply(before, e -> false).order()).hasSameSizeAs(before.order());
        Map<String, Value> expected = interpreter(before).run(before);
        interpreter(after).run(after).forEach((name, value) -> assertThat(value.data())
                .as(name)
                .containsExactly(expected.get(name).data(), within(1e-12)));
    }

    private static Interpreter interpreter(Graph graph) {
        Random random = new Random(3);
        Interpreter interpreter = new Interpreter();
        bind(interpreter, "x", graph, random);
        bind(interpreter, "w", graph, random);
        bind(interpreter, "b", graph, random);
        return interpreter;
    }

    private static void bind(Interpreter interpreter, String name, Graph graph, Random random) {
        for (List<Expr> leaves : List.of(graph.inputs(), graph.parameters())) {
            for (Expr leaf : leaves) {
                if (leaf.toString().contains("(" + name + ")")) {
                    double[] data = random.doubles(leaf.shape().size(), -1, 1).toArray();
                    interpreter.bind(name, new Value(leaf.shape(), data));
                }
            }
        }
    }
}
