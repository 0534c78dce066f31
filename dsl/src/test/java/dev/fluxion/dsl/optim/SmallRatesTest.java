package dev.fluxion.dsl.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Options;
import dev.fluxion.engine.Parameters;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Five thousand steps at rates so small that one step's weight decay is less than a weight's last place. The gradients are
 * noise, so that roundings go either way and decay adds up, unless some form of an update rounds it away by itself.
 */
class SmallRatesTest {
    private static final int STEPS = 5_000;
    private static final Shape SMALL = Shape.of(8, 9);
    /** So many weights that an outer product is added to them without being computed. */
    private static final Shape LARGE = Shape.of(33, 32);
    /** What roundings of float32 may add up to in the mean over the weights, as a part of the decay. */
    private static final double CLOSE = 0.02;

    private static final Map<String, Double> EXACT = new HashMap<>();

    private record Rule(Function<Double, Optimizer> byDecay, double decay) {
        Optimizer optimizer() {
            return byDecay.apply(decay);
        }
    }

    private static final List<Rule> RULES = List.of(
            new Rule(wd -> Optimizers.sgd(1e-3).weightDecay(wd), 1e-5),
            new Rule(wd -> Optimizers.sgd(1e-2).weightDecay(wd), 1e-4),
            new Rule(wd -> Optimizers.sgd(1e-3).weightDecay(wd).momentum(.9), 1e-4),
            new Rule(wd -> Optimizers.sgd(1e-3).weightDecay(wd).momentum(.9).dampening(.5), 1e-4),
            new Rule(wd -> Optimizers.sgd(1e-4).weightDecay(wd).momentum(.9).nesterov(true), 5e-4),
            new Rule(wd -> Optimizers.adam(1e-4).weightDecay(wd), 1e-3),
            new Rule(wd -> Optimizers.adamW(1e-5).weightDecay(wd), 1e-2));

    /** Gradients as tensors, kept over stages as accumulated ones are, and as outer products: each is a form of its own. */
    private enum Form {
        WHOLE(SMALL),
        KEPT(SMALL),
        OUTER(LARGE);

        private final Shape shape;

        Form(Shape shape) {
            this.shape = shape;
        }

        Graph graph(Update.Rule rule) {
            Expr w = Expr.parameter("w", shape);
            Expr kept = Expr.kept(Slot.training("kept", "w"), shape);
            Expr gradient = this == OUTER
                    ? Expr.input("column", Shape.of(shape.dim(0), 1))
                            .matmul(Expr.input("row", Shape.of(1, shape.dim(1))))
                    : Expr.input("whole", shape);
            Update keep = new Update(List.of(kept), List.of(gradient), (old, g, state) -> g);
            return this == KEPT
                    ? graph(keep, new Update(List.of(w), List.of(kept), rule))
                    : graph(new Update(List.of(w), List.of(gradient), rule));
        }

        private static Graph graph(Update... updates) {
            return Graph.of(IntStream.range(0, updates.length)
                    .mapToObj(i -> new Graph.Stage("stage " + i, Map.of(), List.of(updates[i])))
                    .toArray(Graph.Stage[]::new));
        }
    }

    @TestFactory
    Stream<DynamicTest> noFormIsLessExactThanTheRuleAsWritten() {
        return RULES.stream().flatMap(rule -> Stream.of(Form.values())
                .map(form -> DynamicTest.dynamicTest(form + " " + rule.optimizer(), () -> agrees(rule, form))));
    }

    private static void agrees(Rule rule, Form form) {
        double expected = exact(rule.optimizer(), form.shape);
        double decay = Math.abs(exact(rule.byDecay.apply(0.0), SMALL) - exact(rule.optimizer(), SMALL));
        assertThat(meanInFloat(rule.optimizer(), form)).isCloseTo(expected, Offset.offset(CLOSE * decay));
    }

    /** Kept gradients mean what whole ones do, so there is one run for each shape. */
    private static double exact(Optimizer optimizer, Shape shape) {
        return EXACT.computeIfAbsent(
                optimizer + " " + shape, key -> meanInDouble(optimizer, shape.equals(LARGE) ? Form.OUTER : Form.WHOLE));
    }

    private static double meanInFloat(Optimizer optimizer, Form form) {
        Graph graph = form.graph(optimizer);
        try (Parameters parameters = Parameters.of(Map.of("w", Tensor.of(start(form.shape))))) {
            Program program = Compiler.compile(graph, parameters, new Options(1));
            program.state().learningRate(optimizer.learningRate());
            run(graph, program::write, program::run);
            return mean(parameters.get("w").toValue());
        }
    }

    private static double meanInDouble(Optimizer optimizer, Form form) {
        Graph graph = form.graph(optimizer);
        Interpreter interpreter = new Interpreter()
                .learningRate(optimizer.learningRate())
                .bind("w", start(form.shape))
                .bind(Slot.training("kept", "w"), start(form.shape));
        run(graph, (name, value) -> interpreter.bind(name, value.toValue()), () -> interpreter.run(graph));
        return mean(interpreter.value("w"));
    }

    private static void run(Graph graph, BiConsumer<String, Tensor> write, Runnable step) {
        Random random = new Random(1);
        for (int i = 0; i < STEPS; i++) {
            for (Expr e : graph.inputs()) {
                float[] values = new float[e.shape().size()];
                for (int k = 0; k < values.length; k++) {
                    values[k] = random.nextFloat() - 0.5f;
                }
                write.accept(((Leaf.Input) e.op()).name(), Tensor.of(values, e.shape()));
            }
            step.run();
        }
    }

    private static Value start(Shape shape) {
        double[] values = new double[shape.size()];
        Arrays.setAll(values, i -> (float) (1.05 + 0.9 * i / values.length));
        return new Value(shape, values);
    }

    private static double mean(Value value) {
        return Arrays.stream(value.data()).average().orElseThrow();
    }
}
