package dev.fluxion.dsl.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.engine.Compiler;
import dev.fluxion.engine.Options;
import dev.fluxion.engine.Parameters;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.ValueException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What the engine makes of each rule, in single precision. */
class RulesInFloatTest {
    private static final Shape SHAPE = Shape.of(7, 5);
    private static final int STEPS = 50;

    private interface Check {
        void run(Optimizer optimizer, Program program, Parameters parameters);
    }

    private static Stream<DynamicTest> each(Check check) {
        return OptimizerCases.all().values().stream()
                .map(optimizer -> DynamicTest.dynamicTest(optimizer.toString(), () -> {
                    try (Parameters parameters = Parameters.of(Map.of("w", numbers(new Random(1), 1)))) {
                        Program program = Compiler.compile(graph(optimizer), parameters, new Options(1));
                        program.state().learningRate(optimizer.learningRate());
                        check.run(optimizer, program, parameters);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> theWeightsAreThoseOfTheInterpreter() {
        return each((optimizer, program, parameters) -> {
            Interpreter interpreter = new Interpreter()
                    .learningRate(optimizer.learningRate())
                    .bind("w", parameters.get("w").toValue());
            train(program::write, program::run);
            Graph graph = graph(optimizer);
            train((name, tensor) -> interpreter.bind(name, tensor.toValue()), () -> interpreter.run(graph));
            assertThat(parameters.get("w").toValue().data())
                    .containsExactly(interpreter.value("w").data(), within(2e-6));
        });
    }

    /** Such a gradient's square is infinite: the step is made, or refused before it has changed anything. */
    @TestFactory
    Stream<DynamicTest> noUpdateSpoilsTheWeights() {
        return each((optimizer, program, parameters) -> {
            train(program::write, program::run);
            Tensor before = parameters.get("w");
            program.write("gradient", numbers(new Random(3), 1e30f));
            try {
                program.run();
            } catch (ValueException e) {
                assertThat(e).hasMessageEndingWith("the parameters are as they were before the step");
                assertThat(parameters.get("w")).isEqualTo(before);
            }
        });
    }

    private static Graph graph(Optimizer optimizer) {
        Expr w = Expr.parameter("w", SHAPE);
        Expr gradient = Expr.input("gradient", SHAPE);
        return Graph.of(
                new Graph.Stage("step", Map.of(), List.of(new Update(List.of(w), List.of(gradient), optimizer))));
    }

    private static void train(BiConsumer<String, Tensor> write, Runnable step) {
        Random random = new Random(2);
        for (int i = 0; i < STEPS; i++) {
            write.accept("gradient", numbers(random, 0.5f));
            step.run();
        }
    }

    private static Tensor numbers(Random random, float scale) {
        float[] values = new float[SHAPE.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = scale * (float) random.nextGaussian();
        }
        return Tensor.of(values, SHAPE);
    }
}
