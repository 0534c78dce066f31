package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Training steps of a small convolutional net, its weights in whatever layout, against the interpreter's. */
class UpdatesTest {
    private static final double RATE = 0.05;
    private static final int STEPS = 6;
    /** A step adds a few roundings to each weight; the net amplifies them little. */
    private static final double CLOSE = 2e-5;

    @TestFactory
    Stream<DynamicTest> everyRuleTrainsAsItIsMeant() {
        return UpdateRules.ALL.keySet().stream().flatMap(rule -> Stream.of(1, 2)
                .map(threads -> DynamicTest.dynamicTest(
                        rule + ", threads " + threads, () -> train(UpdateRules.ALL.get(rule), threads, p -> true))));
    }

    @TestFactory
    Stream<DynamicTest> someParametersTrainAlone() {
        Map<String, Predicate<String>> subsets = Map.of(
                "one", name -> name.equals("conv2.weight"),
                "biases, which do not lie next to each other", name -> name.endsWith("bias"),
                "first and last", name -> name.startsWith("conv1") || name.startsWith("linear"));
        return subsets.entrySet().stream()
                .map(subset -> DynamicTest.dynamicTest(
                        subset.getKey(), () -> train(UpdateRules.ALL.get("adam"), 1, subset.getValue())));
    }

    private static void train(Update.Rule rule, int threads, Predicate<String> trained) {
        TinyNet net = new TinyNet(4);
        Graph graph = net.training(rule, trained);
        try (Parameters parameters = Parameters.of(TinyNet.weights(1))) {
            Program program = Compiler.compile(graph, parameters, new Options(threads));
            Interpreter oracle = oracle(parameters);
            for (int step = 0; step < STEPS; step++) {
                double rate = RATE / (1 + step);
                net.write(program, oracle, step);
                program.state().learningRate(rate);
                program.run();
                double loss = oracle.learningRate(rate).run(graph).get("loss").item();
                assertThat(program.scalar("loss")).isCloseTo((float) loss, within(loss));
            }
            assertThat(program.state().steps()).isEqualTo(STEPS);
            same(parameters, oracle);
            parameters.names().stream().filter(trained.negate()).forEach(name -> assertThat(parameters.get(name))
                    .isEqualTo(TinyNet.weights(1).get(name)));
        }
    }

    private static Offset<Float> within(double loss) {
        return Offset.offset((float) (CLOSE * Math.max(1, loss)));
    }

    private static Interpreter oracle(Parameters parameters) {
        Interpreter oracle = new Interpreter().learningRate(RATE);
        parameters.values().forEach((name, value) -> oracle.bind(name, value.toValue()));
        return oracle;
    }

    private static void same(Parameters parameters, Interpreter oracle) {
        for (String name : parameters.names()) {
            same(name, parameters.get(name), oracle.value(name));
        }
    }

    private static void same(String what, Tensor actual, Value expected) {
        double[] got = actual.toValue().data();
        double largest = 1e-3;
        for (double x : expected.data()) {
            largest = Math.max(largest, Math.abs(x));
        }
        for (int i = 0; i < got.length; i++) {
            assertThat(got[i])
                    .as("%s, element %d", what, i)
                    .isCloseTo(expected.data()[i], Offset.offset(CLOSE * largest));
        }
    }

    /** Batches of 8, then the last one of 3, predictions in between: all see the same parameters. */
    @Test
    void programsOfAllBatchSizesShareParameters() {
        try (Parameters parameters = Parameters.of(TinyNet.weights(2))) {
            Interpreter oracle = oracle(parameters);
            TinyNet[] nets = {new TinyNet(8), new TinyNet(3), new TinyNet(5)};
            Program predict = Compiler.compile(nets[2].inference(), parameters, new Options(1));
            RunState state = RunState.of(parameters);
            state.learningRate(RATE);
            Program[] training = new Program[2];
            Graph[] graphs = new Graph[2];
            for (int i = 0; i < 2; i++) {
                graphs[i] = nets[i].training(UpdateRules.ALL.get("momentum"), p -> true);
                training[i] = Compiler.compile(graphs[i], parameters, state, new Options(2));
            }
            for (int step = 0; step < 6; step++) {
                int which = step % 3 == 2 ? 1 : 0;
                nets[which].write(training[which], oracle, step);
                training[which].run();
                oracle.run(graphs[which]);
                nets[2].writeImages(predict, oracle, step);
                predict.run();
                same("prediction", predict.read("output"), oracle.evaluate(nets[2].output()));
            }
            same(parameters, oracle);
            parameters.load(TinyNet.weights(3));
            TinyNet.weights(3).forEach((name, value) -> oracle.bind(name, value.toValue()));
            predict.run();
            same("prediction", predict.read("output"), oracle.evaluate(nets[2].output()));
        }
    }

    /** The first program chooses how weights lie: this one wants them plain, so that convolutions reorder them. */
    private static void layPlain(TinyNet net, Parameters parameters) {
        Graph plain = Graph.of(Map.of("w", net.parameters.get(0), "v", net.parameters.get(2)));
        Compiler.compile(plain, parameters, new Options(1));
    }

    /** Whatever layout the first program chose, a prediction has its own copies of weights, and renews them. */
    @Test
    void weightsArePackedAgainWhenTheyChange() {
        TinyNet net = new TinyNet(4);
        try (Parameters parameters = Parameters.of(TinyNet.weights(1))) {
            layPlain(net, parameters);
            Program predict = Compiler.compile(net.inference(), parameters, new Options(1));
            assertThat(predict.explain().prologue()).isNotEmpty();
            Graph graph = net.training(TinyNet.SGD, p -> true);
            Program training = Compiler.compile(graph, parameters, new Options(1));
            training.state().learningRate(RATE);
            Interpreter oracle = oracle(parameters);
            for (int step = 0; step < 3; step++) {
                net.write(training, oracle, step);
                training.run();
                oracle.run(graph);
                net.writeImages(predict, oracle, step);
                predict.run();
                same("prediction", predict.read("output"), oracle.evaluate(net.output()));
            }
            same(parameters, oracle);
        }
    }

    /** Predictions compiled first let the inference kernels choose how weights lie; training then adapts. */
    @Test
    void stagesRunOneByOne() {
        TinyNet net = new TinyNet(4);
        Graph graph = net.training(UpdateRules.ALL.get("adam"), p -> true);
        try (Parameters parameters = Parameters.of(TinyNet.weights(4))) {
            Compiler.compile(net.inference(), parameters, new Options(1));
            Program program = Compiler.compile(graph, parameters, new Options(1));
            program.state().learningRate(RATE);
            Interpreter oracle = oracle(parameters);
            for (int step = 0; step < 3; step++) {
                net.write(program, oracle, step);
                program.run("forward");
                Map<String, Tensor> before = parameters.values();
                assertThat(parameters.values()).isEqualTo(before);
                program.run("update");
                oracle.run(graph);
            }
            same(parameters, oracle);
            assertThat(program.state().steps()).isEqualTo(3);
        }
    }

    /** Gradients kept in slots add up over batches until they are zeroed; only the update counts as a step. */
    @Test
    void gradientsAccumulate() {
        TinyNet net = new TinyNet(4, false);
        List<Expr> slots = net.parameters.stream()
                .map(p -> Expr.kept(Slot.training("grad", ((Leaf.Parameter) p.op()).name()), p.shape()))
                .toList();
        Graph.Stage forward = new Graph.Stage("forward", Map.of("loss", net.loss), List.of());
        Graph.Stage backward = new Graph.Stage(
                "backward",
                Map.of(),
                List.of(new Update(slots, Gradients.of(net.loss, net.parameters), (sum, g, state) -> sum.add(g))));
        Graph.Stage update = new Graph.Stage(
                "update", Map.of(), List.of(new Update(net.parameters, slots, UpdateRules.ALL.get("adam"))));
        try (Parameters parameters = Parameters.of(TinyNet.weights(5))) {
            Program program = Compiler.compile(Graph.of(forward, backward, update), parameters, new Options(1));
            program.state().learningRate(RATE);
            Interpreter oracle = oracle(parameters);
            for (int step = 0; step < 3; step++) {
                Map<Slot, Value> sums = new LinkedHashMap<>();
                for (int part = 0; part < 2; part++) {
                    net.write(program, oracle, 2 * step + part);
                    program.run("forward");
                    program.run("backward");
                    List<Value> gradients = oracle.evaluate(Gradients.of(net.loss, net.parameters));
                    for (int i = 0; i < slots.size(); i++) {
                        sums.merge(((Leaf.Kept) slots.get(i).op()).slot(), gradients.get(i), UpdatesTest::sum);
                    }
                }
                sums.forEach(
                        (slot, value) -> same(slot.toString(), program.state().get(slot), value));
                program.run("update");
                sums.forEach(oracle::bind);
                oracle.run(Graph.of(update));
                program.state().zero(Slot.Owner.TRAINING, "grad");
                assertThat(program.state()
                                .get(Slot.training("grad", "conv1.weight"))
                                .floats())
                        .containsOnly(0);
            }
            assertThat(program.state().steps()).isEqualTo(3);
            same(parameters, oracle);
        }
    }

    private static Value sum(Value a, Value b) {
        double[] out = a.data().clone();
        for (int i = 0; i < out.length; i++) {
            out[i] += b.data()[i];
        }
        return new Value(a.shape(), out);
    }

    /** Every update of a stage is computed from the values before any of them: here one zeroes what the other reads. */
    @Test
    void updatesOfAStageDoNotSeeEachOther() {
        Expr w = Expr.parameter("w", Shape.of(5));
        Expr kept = Expr.kept(Slot.training("grad", "w"), Shape.of(5));
        Update zero = new Update(List.of(kept), List.of(kept), (value, g, state) -> value.mul(0));
        Update step = new Update(List.of(w), List.of(kept), TinyNet.SGD);
        Update add = new Update(List.of(kept), List.of(w), (value, g, state) -> value.add(g));
        Graph graph = Graph.of(
                new Graph.Stage("backward", Map.of(), List.of(add)),
                new Graph.Stage("update", Map.of(), List.of(zero, step)));
        try (Parameters parameters = Parameters.of(Map.of("w", Tensor.vector(1, 2, 3, 4, 5)))) {
            Program program = Compiler.compile(graph, parameters, new Options(1));
            program.state().learningRate(0.5);
            for (int i = 0; i < 2; i++) {
                program.run();
            }
            assertThat(parameters.get("w")).isEqualTo(Tensor.vector(0.25f, 0.5f, 0.75f, 1, 1.25f));
            assertThat(program.state().get(Slot.training("grad", "w")).floats()).containsOnly(0);
        }
    }

    /** A stage after an update sees the new parameters, though it is written like one before it. */
    @Test
    void whatIsComputedAfterAnUpdateIsComputedAnew() {
        TinyNet net = new TinyNet(4, false);
        TinyNet again = new TinyNet(4, false);
        Graph graph = Graph.of(
                new Graph.Stage("before", Map.of("loss", net.loss), List.of()),
                new Graph.Stage(
                        "update",
                        Map.of(),
                        List.of(new Update(net.parameters, Gradients.of(net.loss, net.parameters), TinyNet.SGD))),
                new Graph.Stage("after", Map.of("loss after", again.loss), List.of()));
        try (Parameters parameters = Parameters.of(TinyNet.weights(6))) {
            layPlain(net, parameters);
            Program program = Compiler.compile(graph, parameters, new Options(1));
            program.state().learningRate(RATE);
            Interpreter oracle = oracle(parameters);
            for (int step = 0; step < 3; step++) {
                net.write(program, oracle, step);
                program.run();
                Map<String, Value> expected = oracle.run(graph);
                expected.forEach((name, value) -> same(name, program.read(name), value));
                assertThat(program.scalar("loss after")).isLessThan(program.scalar("loss"));
            }
        }
    }

    /** Two updates in one run are one step: each rule sees the same number. */
    @Test
    void aRunIsOneStepHoweverManyUpdates() {
        TinyNet net = new TinyNet(4);
        List<Expr> gradients = Gradients.of(net.loss, net.parameters);
        Graph.Stage[] stages = Stream.of(0, 2)
                .map(i -> new Graph.Stage(
                        "update " + i,
                        i == 0 ? Map.of("loss", net.loss) : Map.of(),
                        List.of(new Update(
                                net.parameters.subList(i, i + 2),
                                gradients.subList(i, i + 2),
                                UpdateRules.ALL.get("adam")))))
                .toArray(Graph.Stage[]::new);
        try (Parameters parameters = Parameters.of(TinyNet.weights(7))) {
            Program program = Compiler.compile(Graph.of(stages), parameters, new Options(1));
            program.state().learningRate(RATE);
            Interpreter oracle = oracle(parameters);
            for (int step = 0; step < 3; step++) {
                net.write(program, oracle, step);
                program.run();
                oracle.run(Graph.of(stages));
            }
            assertThat(program.state().steps()).isEqualTo(3);
            same(parameters, oracle);
        }
    }

    @Test
    void valuesSurviveTheWayIntoBlockedLayoutsAndBack() {
        TinyNet net = new TinyNet(4);
        try (Parameters parameters = Parameters.of(TinyNet.weights(8))) {
            assertThat(parameters.values()).isEqualTo(TinyNet.weights(8));
            parameters.set("conv1.weight", TinyNet.weights(9).get("conv1.weight"));
            parameters.set("conv1.weight", TinyNet.weights(8).get("conv1.weight"));
            Program program = Compiler.compile(
                    net.training(UpdateRules.ALL.get("momentum"), p -> true), parameters, new Options(1));
            assertThat(program.state()
                            .get(Slot.optimizer("velocity", "conv1.weight"))
                            .floats())
                    .containsOnly(0);
            assertThat(parameters.values()).isEqualTo(TinyNet.weights(8));
            parameters.load(TinyNet.weights(9));
            assertThat(parameters.values()).isEqualTo(TinyNet.weights(9));
            assertThat(parameters.count())
                    .isEqualTo(TinyNet.weights(9).values().stream()
                            .mapToLong(Tensor::size)
                            .sum());
            assertThat(parameters.shape("conv2.bias")).isEqualTo(Shape.of(TinyNet.FILTERS));
        }
    }

    /** The same seed gives the same bits. */
    @Test
    void trainingRepeatsBitForBit() {
        for (int threads = 1; threads <= 2; threads++) {
            assertThat(trained(threads)).isEqualTo(trained(threads));
        }
    }

    private static Map<String, Tensor> trained(int threads) {
        TinyNet net = new TinyNet(8);
        try (Parameters parameters = Parameters.of(TinyNet.weights(10))) {
            Program program = Compiler.compile(
                    net.training(UpdateRules.ALL.get("adam"), p -> true), parameters, new Options(threads));
            program.state().learningRate(RATE);
            program.state().seed(5);
            for (int step = 0; step < 20; step++) {
                net.write(program, new Interpreter(), step);
                program.run();
            }
            return parameters.values();
        }
    }
}
