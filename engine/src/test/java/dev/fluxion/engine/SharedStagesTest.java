package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a stage computed of a parameter, a later one sees, though the parameter has changed between them. */
class SharedStagesTest {
    private static final Shape SHAPE = Shape.of(48, 40);

    private final Expr w = Expr.parameter("w", SHAPE);
    private final Expr x = Expr.input("x", Shape.of(32, 40));
    private final Expr y = Expr.input("y", Shape.of(32, 48));
    private final Update update = new Update(List.of(w), List.of(Expr.input("g", SHAPE)), TinyNet.SGD);

    @TestFactory
    Stream<DynamicTest> keepTheirValues() {
        Map<String, Expr> shared = new LinkedHashMap<>();
        shared.put("transpose", w.transpose(1, 0));
        shared.put("reshape", w.reshape(40, 48));
        shared.put("reshape of a transpose", w.transpose(1, 0).reshape(20, 96));
        shared.put("broadcast", w.broadcastTo(Shape.of(2, 48, 40)));
        shared.put("slice", w.slice(0, 3, 30));
        shared.put("slice of a transpose", w.transpose(1, 0).slice(0, 3, 30));
        shared.put("columns of a transpose", w.transpose(1, 0).slice(1, 3, 30));
        shared.put("pad", w.pad(0, 1, 1, 0));
        shared.put("neutral factor", w.mul(1));
        shared.put("neutral sum", w.reshape(1, 48, 40).sum(0));
        shared.put("stopped gradient", w.stopGradient());
        shared.put("scaled", w.mul(2));
        shared.put("product", x.matmul(w.transpose(1, 0)));
        shared.put("image", w.reshape(1, 3, 16, 40));
        Map<String, UnaryOperator<Expr>> uses = new LinkedHashMap<>();
        uses.put("itself", e -> e);
        uses.put("scaled", e -> e.mul(3));
        uses.put("its square", Expr::square);
        uses.put("its sum", Expr::sum);
        uses.put("its transpose", e -> e.transposeLast());
        uses.put("its reshape", e -> e.reshape(e.shape().size()));
        uses.put("its product", e -> e.matmul(e.transposeLast()));
        uses.put("with the parameter", e -> e.sum().add(w.sum()));
        return shared.entrySet().stream().flatMap(s -> uses.entrySet().stream()
                .map(use -> DynamicTest.dynamicTest(
                        s.getKey() + ", " + use.getKey(),
                        () -> check(() -> s.getValue(), e -> use.getValue().apply(e)))));
    }

    /** Written anew after the update, it is computed anew. */
    @TestFactory
    Stream<DynamicTest> newOnesSeeTheNewValue() {
        Map<String, Supplier<Expr>> views = Map.of(
                "parameter", () -> w,
                "transpose", () -> w.transpose(1, 0),
                "reshape", () -> w.reshape(40, 48),
                "scaled", () -> w.mul(2));
        return views.entrySet().stream()
                .map(view -> DynamicTest.dynamicTest(view.getKey(), () -> check(view.getValue(), Expr::square)));
    }

    /** Weights of products are read as they lie. */
    @Test
    void weightsOfProducts() {
        Expr t = w.transpose(1, 0);
        check(
                Map.of("before", x.matmul(t)),
                Map.of("after", y.matmul(t.transpose(1, 0)), "again", x.mul(2).matmul(t)));
    }

    /** A further result that only a later stage reads was computed with its node. */
    @Test
    void furtherResults() {
        Expr row = Expr.constant(1).broadcastTo(Shape.of(40));
        Expr y = w.mul(2).layerNorm(row, row, 1e-5);
        check(
                Map.of("before", y),
                Map.of("mean", y.result(1), "scaled", y.result(2).mul(y)));
        check(
                Map.of("before", y.result(1)),
                Map.of("after", y, "again", y.result(1).square()));
    }

    /** A number on the way to a result may be infinite, unlike one that is a result. */
    @Test
    void needNotBeFinite() {
        Expr infinite = w.sum().mul(0).abs().log();
        check(Map.of("before", infinite.exp()), Map.of("after", infinite.exp()));
    }

    @Test
    void areNobodyElsesInputsAndOutputs() {
        Expr shared = w.mul(2);
        Graph graph = Graph.of(
                new Graph.Stage("first", Map.of("before", shared), List.of(update)),
                new Graph.Stage("second", Map.of("after", shared.square()), List.of()));
        try (Parameters parameters = Parameters.of(Map.of("w", Tensor.of(drawn(SHAPE, 2))));
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            assertThatThrownBy(() -> program.inputShape("x")).hasMessage("there is no input 'x'; there are [g]");
            assertThatThrownBy(() -> program.read("x")).hasMessage("there is no output 'x'; there are [before, after]");
        }
    }

    private void check(Supplier<Expr> shared, UnaryOperator<Expr> use) {
        check(Map.of("before", use.apply(shared.get())), Map.of("after", use.apply(shared.get())));
        check(Map.of("before", shared.get()), Map.of("after", use.apply(shared.get())));
    }

    private void check(Map<String, Expr> before, Map<String, Expr> after) {
        Graph graph = Graph.of(
                new Graph.Stage("first", before, List.of(update)),
                new Graph.Stage("second", after, List.of(update)),
                new Graph.Stage("third", after.isEmpty() ? Map.of() : renamed(after), List.of()));
        Map<String, Value> values = new LinkedHashMap<>();
        graph.inputs().forEach(e -> values.put(e.op().toString().replaceAll("input.(.*).", "$1"), drawn(e.shape(), 1)));
        Interpreter oracle = new Interpreter().learningRate(0.5).bind("w", drawn(SHAPE, 2));
        values.forEach(oracle::bind);
        try (Parameters parameters = Parameters.of(Map.of("w", Tensor.of(drawn(SHAPE, 2))));
                Program program = Compiler.compile(graph, parameters, new Options(1))) {
            program.state().learningRate(0.5);
            Match.write(program, graph, values);
            for (int run = 0; run < 2; run++) {
                program.run();
                oracle.run(graph).forEach((name, value) -> same(name, program.read(name), value));
            }
        }
    }

    private static Map<String, Expr> renamed(Map<String, Expr> outputs) {
        Map<String, Expr> renamed = new LinkedHashMap<>();
        outputs.forEach((name, e) -> renamed.put(name + ", later", e));
        return renamed;
    }

    private static void same(String name, Tensor actual, Value expected) {
        double[] got = actual.toValue().data();
        for (int i = 0; i < got.length; i++) {
            double allowed = 1e-4 * (1 + Math.abs(expected.data()[i]));
            assertThat(got[i]).as("%s %d", name, i).isCloseTo(expected.data()[i], Offset.offset(allowed));
        }
    }

    private static Value drawn(Shape shape, long seed) {
        Random random = new Random(seed);
        return new Value(
                shape, random.doubles(shape.size(), -1, 1).map(d -> (float) d).toArray());
    }
}
