package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.engine.catalogue.AxisLaw;
import dev.fluxion.engine.catalogue.WrittenOperatorsTest;
import dev.fluxion.engine.check.ErrorBound;
import dev.fluxion.engine.graph.CommonSubexpressions;
import dev.fluxion.engine.graph.CropUnread;
import dev.fluxion.engine.graph.Expand;
import dev.fluxion.engine.graph.Simplify;
import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.partition.Tiling;
import dev.fluxion.engine.partition.TilingPolicy;
import dev.fluxion.engine.partition.Unrolled;
import dev.fluxion.ir.AxisRule;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Graphs grown at random: compiled, and changed by each pass, they compute what they computed before. */
class RandomGraphsTest {
    private static final int GRAPHS = Integer.getInteger("fluxion.graphs", 70);
    private static final int BLOCK = 50;
    private static final double RATE = 0.125;
    private static final Update.Rule STEP = (value, gradient, state) -> value.sub(gradient.mul(state.learningRate()));

    /** A graph with the values of its leaves. */
    record Drawn(Graph graph, Map<String, Value> values, List<Expr> trained, List<Expr> gradients) {}

    /** Outputs pinned at the end and in the middle, leaves and constants among them, one under two names; gradients. */
    static Drawn draw(int seed) {
        RandomGraph grown = new RandomGraph(seed, 2 + seed % 17);
        Map<String, Expr> outputs = new LinkedHashMap<>();
        Expr last = grown.nodes.get(grown.nodes.size() - 1);
        outputs.put("last", last);
        outputs.put("again", last);
        outputs.put("middle", grown.any());
        if (grown.coin()) {
            outputs.put("constant", Expr.constant(0.1).broadcastTo(last.shape()));
            outputs.put("number", Expr.constant(3));
            outputs.put("integer", Expr.constant(2.75).toInt().broadcastTo(last.shape()));
        }
        if (grown.coin()) {
            outputs.put("leaf", grown.leaves.get(grown.between(0, grown.leaves.size() - 1)));
        }
        Expr objective = last.tanh().mean().add(grown.any().sin().mean());
        outputs.put("objective", objective);
        List<Expr> wrt = grown.leaves.stream().filter(e -> grown.coin()).toList();
        List<Expr> gradients = Gradients.of(objective, wrt);
        boolean train = grown.coin();
        for (int i = 0; i < wrt.size(); i++) {
            if (!train || !isParameter(wrt.get(i))) {
                outputs.put("gradient " + i, gradients.get(i));
            }
        }
        int[] parameters = IntStream.range(0, wrt.size())
                .filter(i -> train && isParameter(wrt.get(i)))
                .toArray();
        List<Expr> trained = IntStream.of(parameters).mapToObj(wrt::get).toList();
        List<Expr> slopes = IntStream.of(parameters).mapToObj(gradients::get).toList();
        List<Update> updates = trained.isEmpty() ? List.of() : List.of(new Update(trained, slopes, STEP));
        Graph graph =
                Graph.of(new Graph.Stage("forward", outputs, List.of()), new Graph.Stage("update", Map.of(), updates));
        return new Drawn(graph, grown.values, trained, slopes);
    }

    @Test
    void graphsAreReadBackAsTheyWereWritten() {
        for (int seed = 0; seed < GRAPHS; seed++) {
            draw(seed).graph.stages().forEach(stage -> stage.roots().forEach(WrittenOperatorsTest::requireReadBack));
        }
    }

    /** What is looked at of a graph. */
    interface Check {
        void of(int seed, Graph graph, Parameters parameters);
    }

    /** Looks at so many graphs as they are compiled, with their parameters. */
    static void each(int count, Check check) {
        for (int seed = 0; seed < count; seed++) {
            Drawn drawn = draw(seed);
            Graph graph = Expand.apply(CommonSubexpressions.apply(Simplify.apply(drawn.graph)));
            try (Parameters parameters = Match.parameters(graph, drawn.values)) {
                check.of(seed, graph, parameters);
            }
        }
    }

    private static boolean isParameter(Expr e) {
        return e.op() instanceof Leaf.Parameter;
    }

    private static Stream<DynamicTest> blocks(IntConsumer check) {
        return IntStream.range(0, (GRAPHS + BLOCK - 1) / BLOCK)
                .mapToObj(block -> DynamicTest.dynamicTest("graphs from " + block * BLOCK, () -> {
                    for (int seed = block * BLOCK; seed < Math.min(GRAPHS, (block + 1) * BLOCK); seed++) {
                        check.accept(seed);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> compiledGraphsComputeWhatTheyMean() {
        double[] loose = new double[GRAPHS];
        DynamicTest tight = DynamicTest.dynamicTest("bounds say something", () -> {
            Arrays.sort(loose);
            assertThat(loose[GRAPHS / 2]).isLessThan(1e-4);
            assertThat(loose[GRAPHS * 3 / 4]).isLessThan(2e-3);
        });
        return Stream.concat(blocks(seed -> checkCompiled(seed, loose)), Stream.of(tight));
    }

    private static void checkCompiled(int seed, double[] loose) {
        Drawn d = draw(seed);
        String what = "seed " + seed;
        Function<Graph, Optional<Tiling>> tiling = seed % 2 == 0 ? TilingPolicy::of : BatchPartitionTest::tiling;
        try (Parameters parameters = Match.parameters(d.graph, d.values)) {
            if (seed % 3 == 0) {
                Compiler.compile(Graph.of(d.graph.stages().get(0).outputs()), parameters, new Options(1));
            }
            Program program = Compiler.compile(
                    d.graph, parameters, RunState.of(parameters), new Options(1 + seed % 3), tiling, seed % 4);
            program.state().seed(seed);
            program.state().learningRate(RATE);
            Match.write(program, d.graph, d.values);
            program.run();
            ErrorBound bound = new ErrorBound(Match.interpreter(d.values, seed));
            loose[seed] = Match.check(what, program, d.graph, bound);
            for (int i = 0; i < d.trained.size(); i++) {
                Expr p = d.trained.get(i);
                Expr next = p.sub(d.gradients.get(i).mul(RATE));
                Match.check(what + ", " + p.op(), parameters.get(((Leaf.Parameter) p.op()).name()), next, bound);
            }
        } catch (RuntimeException e) {
            throw new AssertionError(what + ": " + e, e);
        }
    }

    @TestFactory
    Stream<DynamicTest> nothingIsReadThatTheRunDidNotWrite() {
        return blocks(seed -> assertThat(twice(seed, true)).as("seed " + seed).isEqualTo(twice(seed, false)));
    }

    /** The outputs and parameters after two runs, the arena filled with NaN between them or not. */
    private static Map<String, Tensor> twice(int seed, boolean poisoned) {
        Drawn d = draw(seed);
        try (Parameters parameters = Match.parameters(d.graph, d.values)) {
            Program program = Compiler.compile(d.graph, parameters, new Options(1));
            program.state().learningRate(RATE);
            Match.write(program, d.graph, d.values);
            program.run();
            if (poisoned) {
                program.poison();
                Match.write(program, d.graph, d.values);
            }
            program.run();
            Map<String, Tensor> results = parameters.values();
            d.graph.stages().get(0).outputs().keySet().forEach(name -> results.put(name, program.read(name)));
            return results;
        }
    }

    @TestFactory
    Stream<DynamicTest> simplifyingChangesNoValue() {
        return blocks(seed -> {
            Graph graph = draw(seed).graph;
            assertThat(Simplify.apply(graph).order())
                    .hasSizeLessThanOrEqualTo(graph.order().size());
            checkPass(seed, Simplify::apply, 1e-12);
        });
    }

    @TestFactory
    Stream<DynamicTest> sharingChangesNoBit() {
        return blocks(seed -> checkPass(seed, CommonSubexpressions::apply, 0));
    }

    @TestFactory
    Stream<DynamicTest> leavingOutChangesNoValue() {
        return blocks(seed -> checkPass(seed, CropUnread::apply, 1e-12));
    }

    @TestFactory
    Stream<DynamicTest> tilingChangesNoValue() {
        return blocks(seed -> checkPass(
                seed,
                g -> BatchPartitionTest.tiling(g)
                        .map(t -> Unrolled.of(BatchPartition.apply(g, t)))
                        .orElse(g),
                1e-12));
    }

    @TestFactory
    Stream<DynamicTest> declaredAxesHoldForEveryNode() {
        return blocks(seed -> {
            Drawn d = draw(seed);
            List<Expr> order = d.graph.order();
            List<Value> values = Match.interpreter(d.values, seed).evaluate(order);
            for (Expr e : order) {
                List<Value> operands = e.inputs().stream()
                        .map(in -> values.get(order.indexOf(in)))
                        .toList();
                for (AxisRule rule : e.op().axes(e)) {
                    AxisLaw.check("seed " + seed, e, operands, rule, Match.interpreter(Map.of(), seed));
                }
            }
        });
    }

    private static void checkPass(int seed, UnaryOperator<Graph> pass, double relative) {
        Drawn d = draw(seed);
        Interpreter before = Match.interpreter(d.values, seed).learningRate(RATE);
        Interpreter after = Match.interpreter(d.values, seed).learningRate(RATE);
        Graph changed = pass.apply(d.graph);
        for (int run = 0; run < 2; run++) {
            Map<String, Value> expected = before.run(d.graph);
            Map<String, Value> actual = after.run(changed);
            assertThat(actual.keySet()).isEqualTo(expected.keySet());
            expected.forEach((name, value) -> same("seed " + seed + ", " + name, actual.get(name), value, relative));
            d.values
                    .keySet()
                    .forEach(name ->
                            same("seed " + seed + ", " + name, after.value(name), before.value(name), relative));
        }
    }

    private static void same(String what, Value actual, Value expected, double relative) {
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        for (int i = 0; i < expected.data().length; i++) {
            double allowed = relative * Math.max(1, Math.abs(expected.data()[i]));
            assertThat(Math.abs(actual.data()[i] - expected.data()[i])).as(what).isLessThanOrEqualTo(allowed);
        }
    }
}
