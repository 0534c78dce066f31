package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.engine.emit.Shared;
import dev.fluxion.engine.run.Plan;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Origin;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What was compiled before is not compiled again, and nothing else is taken for it. */
class PlansTest {
    private static final Options ONE = new Options(1);
    private static final Shape SHAPE = Shape.of(2, 3);

    private static Update.Rule momentum(double factor) {
        return (w, g, state) ->
                w.sub(state.keep("velocity", v -> v.mul(factor).add(g)).mul(state.learningRate()));
    }

    /** As the code of a layer builds it, over and over. */
    private static Graph training(double factor) {
        return new TinyNet(3).training(momentum(factor), name -> true);
    }

    private static Program compiled(Graph graph, Parameters parameters, RunState state) {
        state.seed(3);
        state.learningRate(0.05);
        return Compiler.compile(graph, parameters, state, ONE);
    }

    private static float[] losses(Program program, int from, int to) {
        TinyNet net = new TinyNet(3);
        float[] losses = new float[to - from];
        for (int i = from; i < to; i++) {
            program.write("input", net.images(i));
            program.write("target", Tensor.labels(net.labels(i)));
            program.run();
            losses[i - from] = program.scalar("loss");
        }
        return losses;
    }

    @Test
    void aSecondTrainingHasThePlanOfTheFirstAndAStateOfItsOwn() {
        Map<String, Tensor> weights = TinyNet.weights(1);
        float[] expected;
        Map<String, Tensor> trained;
        try (Parameters fresh = Parameters.of(weights)) {
            expected = losses(compiled(training(0.9), fresh, RunState.of(fresh)), 0, 6);
            trained = fresh.values();
        }
        try (Parameters parameters = Parameters.of(weights);
                RunState other = RunState.of(parameters)) {
            RunState one = RunState.of(parameters);
            Program first = compiled(training(0.9), parameters, one);
            losses(first, 0, 3);
            Program second = compiled(training(0.9), parameters, other);
            assertThat(second.plan()).isSameAs(first.plan());
            first.close();
            one.close();
            parameters.setWithNaN(weights);
            assertThat(losses(second, 0, 6)).isEqualTo(expected);
            assertThat(parameters.values()).isEqualTo(trained);
            assertThat(other.steps()).isEqualTo(6);
        }
    }

    @Test
    void scalarsAreThoseOfTheRuleThatWasGiven() {
        Expr w = Expr.parameter("w", SHAPE);
        Expr g = Expr.input("g", SHAPE);
        try (Parameters parameters = Parameters.of(Map.of("w", Tensor.full(0, 2, 3)))) {
            for (double by : new double[] {1, 2}) {
                Update.Rule rule = (value, gradient, state) -> value.sub(gradient.mul(state.scalar((step, lr) -> by)));
                Graph graph = Graph.of(
                        new Graph.Stage("update", Map.of(), List.of(new Update(List.of(w), List.of(g), rule))));
                Program program = Compiler.compile(graph, parameters, ONE);
                parameters.set("w", Tensor.full(0, 2, 3));
                program.write("g", Tensor.full(1, 2, 3));
                program.run();
                assertThat(parameters.get("w")).isEqualTo(Tensor.full((float) -by, 2, 3));
            }
        }
    }

    @Test
    void whatDiffersHasAPlanOfItsOwn() {
        Expr x = Expr.input("x", SHAPE);
        Map<String, Supplier<Graph>> graphs = new LinkedHashMap<>();
        graphs.put("plain", () -> output("y", x.mul(2)));
        graphs.put("other name", () -> output("z", x.mul(2)));
        graphs.put("other stage", () -> Graph.of(new Graph.Stage("other", Map.of("y", x.mul(2)), List.of())));
        graphs.put("other number", () -> output("y", x.mul(3)));
        graphs.put("other operand", () -> output("y", x.mul(x)));
        graphs.put(
                "other shape", () -> output("y", Expr.input("x", Shape.of(3, 2)).mul(2)));
        graphs.put("other layer", () -> output("y", Origin.of("layer", () -> x.mul(2))));
        graphs.put("literal", () -> output("y", x.mul(Expr.constant(Tensor.full(2, 2, 3)))));
        graphs.put("other literal", () -> output("y", x.mul(Expr.constant(Tensor.full(3, 2, 3)))));
        graphs.put("rule", () -> training(0.9));
        graphs.put("other rule", () -> training(0.8));
        graphs.put("fewer parameters", () -> new TinyNet(3).training(momentum(0.9), name -> name.endsWith("bias")));
        Map<Plan, String> plans = new LinkedHashMap<>();
        try (Parameters parameters = Parameters.of(TinyNet.weights(1))) {
            graphs.forEach((name, graph) -> {
                Plan plan = Compiler.compile(graph.get(), parameters, ONE).plan();
                assertThat(plans.put(plan, name)).as(name).isNull();
                assertThat(Compiler.compile(graph.get(), parameters, ONE).plan())
                        .as(name)
                        .isSameAs(plan);
            });
            assertThat(plans)
                    .doesNotContainKey(Compiler.compile(training(0.9), parameters, new Options(2))
                            .plan());
        }
    }

    private static Graph output(String name, Expr e) {
        return Graph.of(Map.of(name, e));
    }

    /** Plans are kept in bounds; those of programs that are open live on, and closing the parameters frees them all. */
    @Test
    void plansAreBoundedAndFreed() {
        long handles = NativeLibrary.openHandles();
        long bytes = Memory.openBytes();
        try (Parameters parameters = Parameters.of(Map.of("w", Tensor.full(0.5f, 64, 64)))) {
            Expr w = Expr.parameter("w", Shape.of(64, 64));
            Program first = null;
            long most = 0;
            for (int batch = 1; batch <= 200; batch++) {
                Expr x = Expr.input("x", Shape.of(batch, 64));
                Program program = Compiler.compile(output("y", x.matmul(w).relu()), parameters, ONE);
                if (first == null) {
                    first = program;
                } else {
                    program.close();
                }
                most = batch == 100 ? NativeLibrary.openHandles() : most;
            }
            assertThat(NativeLibrary.openHandles()).isLessThanOrEqualTo(most);
            first.write("x", Tensor.full(1, 1, 64));
            first.run();
            assertThat(first.read("y")).isEqualTo(Tensor.full(32, 1, 64));
        }
        assertThat(NativeLibrary.openHandles()).isEqualTo(handles);
        assertThat(Memory.openBytes()).isEqualTo(bytes);
    }

    /** Sequences of many lengths have many plans, and each has kernels of its own. */
    @Test
    void plansKeepFewKernels() {
        int layers = 20;
        try (Parameters parameters = Parameters.of(Map.of("w", Tensor.full(0.5f, 8, 8)))) {
            for (int batch = 2; batch < 42; batch++) {
                Expr joined = Expr.constant(0);
                for (int i = 0; i < layers; i++) {
                    Expr x = Expr.input("x" + i, Shape.of(batch + 100 * i, 8));
                    joined = joined.add(
                            x.matmul(Expr.parameter("w", Shape.of(8, 8))).sum());
                }
                Compiler.compile(output("y", joined), parameters, ONE).close();
            }
            int kernels =
                    parameters.plans().held().stream().mapToInt(Shared::kernels).sum();
            assertThat(kernels).isBetween(layers, 512);
        }
    }
}
