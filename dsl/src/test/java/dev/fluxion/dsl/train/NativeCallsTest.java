package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.globalAvgPool;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.layer.TutorialNets;
import dev.fluxion.engine.Explanation;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.Shape;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training step and a prediction call native code once for each step of their plan that is computed there, and for nothing
 * else. They run in a JVM of their own, whose bindings {@link NativeCalls} counts.
 */
class NativeCallsTest {
    @TempDir
    private Path folder;

    @Test
    void oneForEachStepOfThePlan() throws Exception {
        Path agent = folder.resolve("native-calls.jar");
        NativeCalls.write(agent);
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-javaagent:" + agent,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName()))
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(output).isZero();
        assertThat(output.lines().filter(line -> line.startsWith("counted")))
                .as(output)
                .hasSize(5)
                .allMatch(line -> line.matches("counted (\\d+) of \\1"))
                .noneMatch(line -> line.endsWith(" 0"));
    }

    /** Prints for some work how many native calls were counted, and how many the plan has. */
    static final class Child {
        private static final int RUNS = 2;

        private Child() {}

        public static void main(String[] arguments) {
            Batch batch = new Batch(Tensor.full(0.5f, 4, 3, 32, 32), Tensor.of(new int[] {1, 2, 3, 4}, Shape.of(4)));
            try (Model model = Model.of(TutorialNets.cifar(), 3, 32, 32).threads(1)) {
                Training training = model.training(crossEntropy(), sgd(0.01).momentum(0.9));
                count(training.program(4), () -> training.step(batch));
                Batch one = new Batch(Tensor.full(0.5f, 1, 3, 32, 32), Tensor.of(new int[] {1}, Shape.of(1)));
                count(training.program(1), () -> training.step(one));
            }
            try (Model model = Model.of(TutorialNets.cifar(), 3, 32, 32).threads(1)) {
                count(model.predictor(4), () -> model.predict(batch.inputs()));
                Tensor one = Tensor.full(0.5f, 1, 3, 32, 32);
                count(model.predictor(1), () -> model.predict(one));
            }
            Seq wide = Seq.of(conv(3, 32, 3), relu(), conv(32, 32, 3), globalAvgPool(), linear(10));
            try (Model model = Model.of(wide, 3, 32, 32).threads(1)) {
                Training training = model.training(crossEntropy(), sgd(0.01));
                count(training.program(4), () -> training.step(batch));
            }
        }

        private static void count(Program program, Runnable work) {
            work.run(); // packs weights
            long before = NativeCalls.count();
            for (int i = 0; i < RUNS; i++) {
                work.run();
            }
            System.out.println("counted " + (NativeCalls.count() - before) + " of " + RUNS * planned(program));
            System.out.println(program.explain());
        }

        private static long planned(Program program) {
            return program.explain().steps().stream()
                    .filter(line -> !line.implementation().startsWith("java:"))
                    .mapToInt(Explanation.Line::count)
                    .sum();
        }
    }
}
