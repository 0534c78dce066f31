package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Origin;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What a program says about itself, and through it which operators became one step. */
class ExplanationTest {
    private static final ConvSpec SAME = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
    private static final Shape IMAGES = Shape.of(2, 8, 6, 6);

    private final Expr x = Expr.input("x", IMAGES);
    private final Expr w = Expr.parameter("w", Shape.of(16, 8, 3, 3));
    private final Expr b = Expr.parameter("b", Shape.of(16));
    private final Expr conv = x.conv(w, SAME);
    private final Expr sum = conv.add(b.reshape(1, 16, 1, 1));

    private static <T> T compiled(Map<String, Expr> outputs, Function<Program, T> look) {
        Graph graph = Graph.of(outputs);
        Map<String, Value> values = new HashMap<>();
        graph.parameters()
                .forEach(p -> values.put(
                        ((Leaf.Parameter) p.op()).name(),
                        new Value(p.shape(), new double[p.shape().size()])));
        try (Parameters parameters = Match.parameters(graph, values)) {
            return look.apply(Compiler.compile(graph, parameters, new Options(1)));
        }
    }

    private static Explanation explain(Map<String, Expr> outputs) {
        return compiled(outputs, Program::explain);
    }

    private static List<String> operators(Map<String, Expr> outputs) {
        return explain(outputs).steps().stream()
                .map(Explanation.Line::operator)
                .filter(o -> !o.equals("reorder"))
                .toList();
    }

    @Test
    void biasAndActivationAreOneStepWithTheirConvolution() {
        assertThat(operators(Map.of("y", sum.relu()))).containsExactly("conv pad 1 + bias relu");
        assertThat(operators(Map.of("y", sum))).containsExactly("conv pad 1 + bias");
        assertThat(operators(Map.of("y", conv.tanh()))).containsExactly("conv pad 1 tanh");
    }

    /** What others read, or the user asked for, is not swallowed. */
    @Test
    void whatIsReadElsewhereStaysAStepOfItsOwn() {
        assertThat(operators(Map.of("y", sum.relu(), "z", conv)))
                .contains("conv pad 1")
                .hasSize(2);
        assertThat(operators(Map.of("y", sum.relu(), "z", sum))).containsExactlyInAnyOrder("conv pad 1 + bias", "relu");
        assertThat(operators(Map.of("y", sum.relu().add(sum))))
                .as("the sum is read twice")
                .hasSize(2)
                .contains("conv pad 1 + bias");
    }

    @Test
    void biasGradientsAreComputedAlongWithWeightGradients() {
        Expr g = Expr.input("g", Shape.of(2, 16, 6, 6));
        List<Expr> gradients = Gradients.of(sum.mul(g).sum(), List.of(w, b));
        assertThat(operators(Map.of("dw", gradients.get(0), "db", gradients.get(1))))
                .containsExactly("convGradWeight pad 1 + bias");
        assertThat(operators(Map.of("db", gradients.get(1))))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("sum");
    }

    @Test
    void elementwiseChainsAreOneStep() {
        assertThat(operators(Map.of("y", x.square().add(1).sqrt().sub(x)))).hasSize(1);
    }

    /** A chain longer than any stack still compiles: it is cut. */
    @Test
    void longChainsAreCut() {
        Expr y = x;
        for (int i = 0; i < 3000; i++) {
            y = y.mul(0.5).add(x);
        }
        Explanation explanation = explain(Map.of("y", y));
        assertThat(explanation.calls()).isEqualTo(60);
        assertThat(explanation.steps()).as("those that are alike in one line").hasSize(2);
        assertThat(explanation.toString()).contains("×59");
    }

    @Test
    void operationsAndBytesAreCounted() {
        Explanation explanation = explain(Map.of("y", sum));
        assertThat(explanation.flops()).isEqualTo(2.0 * 2 * 16 * 36 * 8 * 9);
        Explanation.Line line = explanation.steps().stream()
                .filter(s -> s.operator().startsWith("conv"))
                .findFirst()
                .orElseThrow();
        assertThat(line.bytes()).isEqualTo(4L * (2 * 8 * 36 + 16 * 72 + 16 + 2 * 16 * 36));
        assertThat(explanation.reorders())
                .isEqualTo(explanation.steps().stream()
                        .filter(s -> s.operator().equals("reorder"))
                        .count());
        assertThat(explanation.prologue())
                .as("weights are packed once, not at each run")
                .allMatch(s -> s.operator().equals("reorder"));
        assertThat(explanation.arenaBytes()).isGreaterThanOrEqualTo(explanation.lowerBound());
        assertThat(explanation.lowerBound()).isGreaterThanOrEqualTo(4L * (2 * 8 * 36 + 2 * 16 * 36));
    }

    @Test
    void layersAreNamed() {
        Expr named = Origin.of("relu() at Net.java:12", () -> x.relu());
        Explanation explanation = explain(Map.of("y", named));
        assertThat(explanation.steps().get(0).origin()).isEqualTo("relu() at Net.java:12");
        assertThat(explanation.toString())
                .contains("relu", "java:fused", "# relu() at Net.java:12", "1 steps (0 reorders)", "lower bound");
    }

    @Test
    void profilesMeasureEveryStep() {
        Explanation measured = compiled(Map.of("y", x.square().sum(1).softmax(0)), program -> {
            program.write("x", new float[IMAGES.size()]);
            return program.profile(5);
        });
        assertThat(measured.steps()).allMatch(s -> s.micros() > 0);
    }
}
