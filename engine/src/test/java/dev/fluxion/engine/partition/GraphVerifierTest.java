package dev.fluxion.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.graph.CarryOver;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a pass could do wrong is seen. */
class GraphVerifierTest {
    private static final Shape SHAPE = Shape.of(4, 3);
    private static final Update.Rule SGD = (value, gradient, state) -> value.sub(gradient);

    private final Expr x = Expr.input("x", SHAPE);
    private final Expr w = Expr.parameter("w", SHAPE);
    private final Expr scaled = w.mul(2);
    private final Expr y = x.add(scaled);
    private final Update update = new Update(List.of(w), List.of(x), SGD);
    private final Leaf.Carried leaf = new Leaf.Carried(0, SHAPE, DType.FLOAT);
    private final Graph given = graph(first(y), second(w.mul(3)));

    private Graph.Stage first(Expr output) {
        return new Graph.Stage("first", Map.of("y", output), List.of(update));
    }

    private static Graph.Stage second(Expr output) {
        return new Graph.Stage("second", Map.of("z", output), List.of());
    }

    private static Graph graph(Graph.Stage... stages) {
        return Graph.of(stages);
    }

    private Graph.Stage carrying(String name, Map<String, Expr> outputs) {
        return new Graph.Stage(name, outputs, List.of(update), Map.of(leaf, scaled));
    }

    private Expr carried() {
        return new Expr(leaf, List.of());
    }

    @Test
    void passesOfTheCompilerAreWellFormed() {
        Graph shared = graph(first(y), second(scaled.add(y)));
        assertThat(GraphVerifier.faults(shared, CarryOver.apply(shared))).isEmpty();
        assertThat(GraphVerifier.faults(given, given)).isEmpty();
    }

    @TestFactory
    Stream<DynamicTest> whatIsWrongIsTold() {
        Graph.Stage end = second(w.mul(3));
        Map<String, Graph> wrong = new LinkedHashMap<>();
        wrong.put("stages are [first], not [first, second]", graph(first(y)));
        wrong.put("stages are [second, first], not [first, second]", graph(end, first(y)));
        wrong.put(
                "stage second: outputs are [], not [z]",
                graph(first(y), new Graph.Stage("second", Map.of(), List.of())));
        wrong.put("stage first: output y is no longer of shape 4×3", graph(first(y.sum()), end));
        wrong.put(
                "stage first: its updates are others", graph(new Graph.Stage("first", Map.of("y", y), List.of()), end));
        Update other = new Update(List.of(w), List.of(x), (value, gradient, state) -> value);
        wrong.put(
                "stage first: its updates are others ",
                graph(new Graph.Stage("first", Map.of("y", y), List.of(other)), end));
        wrong.put("input(q) is not in the given graph", graph(first(y.add(Expr.input("q", SHAPE))), end));
        wrong.put("parameter(v) is not in the given graph", graph(first(y), second(Expr.parameter("v", SHAPE))));
        wrong.put("uniform(1) is not in the given graph", graph(first(y.mul(Expr.uniform(1, SHAPE))), end));
        wrong.put("stage second reads carried(0) before it is defined", graph(first(y), second(carried())));
        wrong.put(
                "stage first reads carried(0) before it is defined",
                graph(carrying("first", Map.of("y", carried())), end));
        wrong.put(
                "carried(0) is defined a second time",
                graph(carrying("first", Map.of("y", y)), carrying("second", Map.of("z", carried()))));
        wrong.put("stage second reads", graph(first(y), second(scaled)));
        return wrong.entrySet().stream()
                .map(e ->
                        DynamicTest.dynamicTest(e.getKey(), () -> assertThat(GraphVerifier.faults(given, e.getValue()))
                                .anyMatch(fault -> fault.startsWith(e.getKey().trim()))));
    }

    @Test
    void turnsAndOriginsOfPartsAreLookedAt() {
        Expr part = y.slice(0, 0, 2);
        Graph graph = Graph.of(Map.of("y", part));
        assertThat(GraphVerifier.faults(
                        new BatchPartition.Tiled(graph, Map.of(part, new ScheduleKey(0, 0)), Map.of(part, y), 2)))
                .isEmpty();
        assertThat(GraphVerifier.faults(
                        new BatchPartition.Tiled(graph, Map.of(y.neg(), new ScheduleKey(0, 0)), Map.of(), 2)))
                .containsExactly("a node has a key but is not in the graph");
        assertThat(GraphVerifier.faults(new BatchPartition.Tiled(graph, Map.of(), Map.of(part, y.transpose(1, 0)), 2)))
                .anyMatch(fault -> fault.endsWith("is no part of a value of shape 3×4"));
        Expr weight = Expr.constant(1).broadcastTo(Shape.of(3));
        Expr mean = y.layerNorm(weight, weight, 0).result(1);
        Graph apart = Graph.of(Map.of("mean", mean));
        assertThat(GraphVerifier.faults(
                        new BatchPartition.Tiled(apart, Map.of(mean, new ScheduleKey(0, 0)), Map.of(), 2)))
                .containsExactly("result 1 : 4×1 is computed at another key than its node");
    }
}
