package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** A gradient of weights takes that of the bias along, which is the sum of the same images, where nobody can tell. */
class BiasGradientsTest {
    private static final Shape IMAGES = Shape.of(2, 4, 6, 6);
    private static final ConvSpec PADDED = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);

    private final Expr x = Expr.input("x", IMAGES);
    private final Expr g = Expr.input("g", IMAGES);
    private final Expr p = Expr.parameter("p", IMAGES);
    private final Update doubling = new Update(List.of(p), List.of(x), (w, gradient, state) -> w.mul(2));
    private final Map<String, Value> values = new LinkedHashMap<>();

    BiasGradientsTest() {
        Random random = new Random(7);
        for (String name : List.of("x", "g", "p")) {
            double[] data =
                    random.doubles(IMAGES.size(), -1, 1).map(d -> (float) d).toArray();
            values.put(name, new Value(IMAGES, data));
        }
    }

    private static Expr weightGradient(Expr images, Expr gradient) {
        Expr w = Expr.parameter("w", Shape.of(4, 4, 3, 3));
        return Gradients.of(images.conv(w, PADDED).mul(gradient).sum(), List.of(w))
                .get(0);
    }

    private static Expr biasGradient(Expr gradient) {
        return gradient.sum(0, 2, 3);
    }

    /** Whichever the user names first. */
    @Test
    void areTakenAlong() {
        Map<String, Expr> outputs = new LinkedHashMap<>();
        outputs.put("weights", weightGradient(x, g));
        outputs.put("bias", biasGradient(g));
        assertThat(operators(Graph.of(outputs))).contains("+ bias").doesNotContain("sum");
        outputs.put("weights", outputs.remove("weights"));
        assertThat(operators(Graph.of(outputs))).contains("+ bias").doesNotContain("sum");
    }

    /** The images of the weights' gradient are a parameter, which changes between the two. */
    @Test
    void ofAnEarlierStageAreNot() {
        check(Map.of("bias", biasGradient(g)), Map.of("weights", weightGradient(p, g)));
    }

    /** What is added up is a parameter. */
    @Test
    void ofALaterStageAreNot() {
        check(Map.of("weights", weightGradient(x, p)), Map.of("bias", biasGradient(p)));
    }

    @Test
    void onWhichTheImagesDependAreNot() {
        Expr sum = biasGradient(g).reshape(1, 4, 1, 1);
        check(Map.of("weights", weightGradient(x.mul(sum), g)), Map.of());
    }

    private void check(Map<String, Expr> first, Map<String, Expr> second) {
        Graph graph = Graph.of(
                new Graph.Stage("first", first, List.of(doubling)), new Graph.Stage("second", second, List.of()));
        Interpreter interpreter = Match.interpreter(values, 1);
        try (Parameters parameters = Match.parameters(graph, values);
                Program program = Compiler.compile(
                        graph, parameters, RunState.of(parameters), new Options(1), whole -> Optional.empty())) {
            Match.write(program, graph, values);
            for (int run = 0; run < 2; run++) {
                program.run();
                interpreter.run(graph).forEach((name, value) -> {
                    double[] actual = program.read(name).toValue().data();
                    double[] expected = value.data();
                    for (int i = 0; i < expected.length; i++) {
                        assertThat(actual[i])
                                .as("%s[%d]", name, i)
                                .isCloseTo(expected[i], Offset.offset(1e-4 * (1 + Math.abs(expected[i]))));
                    }
                });
            }
        }
    }

    private String operators(Graph graph) {
        try (Parameters parameters = Match.parameters(graph, values);
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            return program.explain().toString();
        }
    }
}
