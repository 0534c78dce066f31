package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InterpreterTest {
    private final Expr w = Expr.parameter("w", Shape.of(2));
    private final Expr x = Expr.input("x", Shape.of(2));
    private final Interpreter interpreter =
            new Interpreter().bind("w", value(1, 2)).bind("x", value(3, -1)).learningRate(0.1);

    private static Value value(double... data) {
        return new Value(Shape.of(data.length), data);
    }

    private Graph step(Update.Rule rule) {
        Expr loss = w.mul(x).sum();
        Update update = new Update(List.of(w), Gradients.of(loss, List.of(w)), rule);
        return Graph.of(new Graph.Stage("train", Map.of("loss", loss), List.of(update)));
    }

    @Test
    void comparisonsAreOneWhereTheyHold() {
        double[][] holds = {
            {0, 1, 0}, // EQ: 1 and 2, 2 and 2, 3 and 2
            {1, 0, 1},
            {1, 0, 0},
            {1, 1, 0},
            {0, 0, 1},
            {0, 1, 1},
        };
        List<BinaryFn> comparisons =
                List.of(BinaryFn.EQ, BinaryFn.NE, BinaryFn.LT, BinaryFn.LE, BinaryFn.GT, BinaryFn.GE);
        for (int i = 0; i < holds.length; i++) {
            for (int a = 1; a <= 3; a++) {
                assertThat(comparisons.get(i).apply(a, 2)).isEqualTo(holds[i][a - 1]);
            }
        }
    }

    @Test
    void gradientDescent() {
        Graph graph = step((p, g, s) -> p.sub(s.learningRate().mul(g)));
        assertThat(interpreter.run(graph)).containsEntry("loss", Value.scalar(1));
        assertThat(interpreter.value("w").data()).containsExactly(1 - 0.1 * 3, 2 + 0.1);
        double next = (1 - 0.1 * 3) * 3 - (2 + 0.1);
        assertThat(interpreter.run(graph).get("loss").item()).isEqualTo(next);
    }

    @Test
    void momentumIsKeptFromStepToStep() {
        Graph graph = step(
                (p, g, s) -> p.sub(s.keep("momentum", m -> m.mul(0.5).add(g)).mul(s.learningRate())));
        interpreter.run(graph);
        assertThat(interpreter.value(Slot.optimizer("momentum", "w"))).isEqualTo(value(3, -1));
        interpreter.run(graph);
        assertThat(interpreter.value(Slot.optimizer("momentum", "w"))).isEqualTo(value(4.5, -1.5));
        assertThat(interpreter.value("w").data()).containsExactly(1 - 0.1 * 3 - 4.5 * 0.1, 2 + 0.1 + 1.5 * 0.1);
    }

    @Test
    void scalarsSeeTheStep() {
        Graph graph = step((p, g, s) -> p.mul(0).add(s.scalar((step, lr) -> step + lr)));
        interpreter.run(graph);
        assertThat(interpreter.value("w")).isEqualTo(value(1.1, 1.1));
        interpreter.run(graph);
        assertThat(interpreter.value("w")).isEqualTo(value(2.1, 2.1));
    }

    @Test
    void updatesOfOneStageSeeTheValuesBeforeAnyOfThem() {
        Expr v = Expr.parameter("v", Shape.of(2));
        interpreter.bind("v", value(5, 6));
        Update.Rule assign = (p, g, s) -> g;
        Update swap = new Update(List.of(w, v), List.of(v, w), assign);
        interpreter.run(Graph.of(new Graph.Stage("swap", Map.of(), List.of(swap))));
        assertThat(interpreter.value("w")).isEqualTo(value(5, 6));
        assertThat(interpreter.value("v")).isEqualTo(value(1, 2));
    }

    @Test
    void aLaterStageSeesUpdatedParametersAndEarlierResults() {
        Expr before = w.mul(2);
        Update add = new Update(List.of(w), List.of(x), (p, g, s) -> p.add(g));
        Map<String, Value> outputs = interpreter.run(Graph.of(
                new Graph.Stage("first", Map.of("before", before), List.of(add)),
                new Graph.Stage("second", Map.of("now", w.add(0), "kept", before.add(0)), List.of())));
        assertThat(outputs.get("now")).isEqualTo(value(4, 1));
        assertThat(outputs.get("kept")).isEqualTo(value(2, 4));
    }

    @Test
    void randomNumbersAreNewAtEachRunAndRepeatable() {
        Expr noise = Expr.uniform(7, Shape.of(50));
        Graph graph = Graph.of(Map.of("noise", noise));
        Interpreter first = new Interpreter().seed(1);
        Value one = first.run(graph).get("noise");
        Value two = first.run(graph).get("noise");
        assertThat(one).isNotEqualTo(two);
        assertThat(new Interpreter().seed(1).run(graph).get("noise")).isEqualTo(one);
        assertThat(new Interpreter().seed(2).run(graph).get("noise")).isNotEqualTo(one);
        assertThat(first.evaluate(Expr.uniform(8, Shape.of(50)))).isNotEqualTo(first.evaluate(noise));
        assertThat(one.data()).doesNotHaveDuplicates();
        for (double u : one.data()) {
            assertThat(u).isBetween(0.0, 1.0).isEqualTo((float) u).isNotEqualTo(1.0);
        }
    }

    @Test
    void uniformNumbersAreSpreadEvenly() {
        int[] bins = new int[10];
        long key = Noise.key(3, 1, 4);
        for (int i = 0; i < 100_000; i++) {
            bins[(int) (10 * Noise.uniform(key, i))]++;
        }
        for (int bin : bins) {
            assertThat(bin).isBetween(9_600, 10_400);
        }
    }

    @Test
    void sharedExpressionsAreComputedOnceAndInputsStayAsTheyAre() {
        double[] data = {1, 2};
        interpreter.bind("x", new Value(Shape.of(2), data));
        interpreter.evaluate(List.of(x.neg(), x.reshape(2, 1), x.add(1)));
        assertThat(data).containsExactly(1, 2);
    }

    @Test
    void saysWhatIsMissingOrDoesNotFit() {
        assertThatThrownBy(() -> new Interpreter().evaluate(x))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no value is bound to name 'x'");
        interpreter.bind("x", value(1, 2, 3));
        assertThatThrownBy(() -> interpreter.evaluate(x))
                .isInstanceOf(ShapeException.class)
                .hasMessage("'x': expected a value of shape 2 but got 3");
        assertThatThrownBy(() -> value(1, 2).item()).hasMessage("expected a value of one element but its shape is 2");
        assertThatThrownBy(() -> new Value(Shape.of(3), new double[2]))
                .hasMessage("shape 3 holds 3 elements but 2 were given");
    }

    @Test
    void badValuesNameTheElementAndTheLayer() {
        Expr y = Origin.of("bce()", () -> x.require(x.ge(0), "probabilities must not be negative"));
        assertThatThrownBy(() -> interpreter.evaluate(y))
                .isInstanceOf(ValueException.class)
                .hasMessage("bce(): probabilities must not be negative, but element [1] is -1.0");
        Expr labels = Expr.input("i", Shape.of(1), DType.INT);
        interpreter.bind("i", value(2));
        assertThatThrownBy(() -> interpreter.evaluate(x.gather(0, labels)))
                .isInstanceOf(ValueException.class)
                .hasMessage("gather[0]: index 2 at position 0 is outside [0, 2)");
    }

    /** Each value is seen before it is rounded; operands are rounded. */
    @Test
    void observesWhatFloat32WouldMakeOfIt() {
        Expr x = Expr.input("x", Shape.of(2));
        Expr big = x.exp();
        Expr y = big.sub(big).add(Expr.uniform(7, Shape.of(2)));
        Interpreter interpreter =
                new Interpreter().seed(3).step(5).bind("x", new Value(Shape.of(2), new double[] {1, 100}));
        Map<Expr, double[]> seen = new HashMap<>();
        interpreter.observe(List.of(y), seen::put);
        assertThat(seen.get(big)).containsExactly(Math.exp(1), Math.exp(100));
        assertThat(seen.get(y)).containsExactly(Noise.uniform(Noise.key(3, 5, 7), 0), Double.NaN);
    }
}
