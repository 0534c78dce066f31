package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.engine.Program;
import dev.fluxion.ffi.Memory;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Native memory ends with its owner: closed, forgotten, or given room to. */
class LeakWarningTest {
    private static final Seq NET = Seq.of(conv(1, 8, 3), relu(), flatten(), linear(288, 64), relu(), linear(64, 4));
    private static final Batch BATCH = new Batch(Tensor.full(0.5f, 8, 1, 8, 8), Tensor.labels(0, 1, 2, 3, 0, 1, 2, 3));
    private static final DataLoader DATA =
            DataLoader.of(Dataset.of(BATCH.inputs(), BATCH.targets())).batch(8);

    @Test
    void aFitLeavesNothingButWeights() {
        Trainer trainer = Trainer.of(crossEntropy(), adam(1e-3));
        try (Model model = Model.of(NET, 1, 8, 8)) {
            trainer.fit(model, DATA);
            long once = Memory.openBytes();
            for (int i = 0; i < 8; i++) {
                trainer.fit(model, DATA);
            }
            assertThat(Memory.openBytes()).isEqualTo(once);
        }
    }

    @Test
    void whatIsForgottenIsFreed() throws InterruptedException {
        long before = Memory.openBytes();
        try (Model model = Model.of(NET, 1, 8, 8)) {
            for (int i = 0; i < 8; i++) {
                model.training(crossEntropy(), adam(1e-3)).step(BATCH);
                Model.of(NET, 1, 8, 8).predict(BATCH.inputs());
            }
            long weights = model.memory().weights();
            freed(before + weights);
        }
        freed(before);
    }

    private static void freed(long most) throws InterruptedException {
        for (int i = 0; i < 100 && Memory.openBytes() > most; i++) {
            System.gc();
            Thread.sleep(50);
        }
        assertThat(Memory.openBytes()).isLessThanOrEqualTo(most);
    }

    @Test
    void whatIsClosedIsNotReachable() throws InterruptedException {
        Model model = Model.of(NET, 1, 8, 8);
        Training training = model.training(crossEntropy(), adam(1e-3));
        training.step(BATCH);
        model.predict(BATCH.inputs());
        WeakReference<Program> program = new WeakReference<>(training.program(8));
        model.close();
        training.close();
        for (int i = 0; i < 100 && program.get() != null; i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertThat(program.get()).isNull();
        assertThat(model.memory()).isEqualTo(new ModelMemory(0, 0, 0));
    }

    /** A program that somebody holds works, whatever became of its model. */
    @Test
    void aProgramOutlivesItsForgottenModel() throws InterruptedException {
        Program program = Model.of(NET, 1, 8, 8).predictor(8);
        Program step =
                Model.of(NET, 1, 8, 8).training(crossEntropy(), adam(1e-3)).program(8);
        for (int i = 0; i < 10; i++) {
            System.gc();
            Thread.sleep(10);
        }
        program.write("input", BATCH.inputs());
        program.run();
        assertThat(program.read("output").shape().dim(0)).isEqualTo(8);
        step.write("input", BATCH.inputs());
        step.write("target", BATCH.targets());
        step.run();
        assertThat(step.scalar("loss")).isFinite();
    }

    /** Predictions and steps under constant collection, while their owners are dropped, in a JVM that may die. */
    @Test
    void ownersMayBeDroppedWhileTheyCompute() throws Exception {
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:ErrorFile=/dev/null",
                        "-Xmx96m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName()))
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(output).isZero();
        assertThat(output.lines()).contains("same");
        assertThat(output)
                .as("told once for each line, however often it was dropped")
                .containsOnlyOnce("the training made at LeakWarningTest.java")
                .contains("the model made at LeakWarningTest.java")
                .contains("was dropped without being closed");
    }

    static final class Child {
        private static final int SECONDS = 2;

        private Child() {}

        public static void main(String[] arguments) throws InterruptedException {
            AtomicBoolean done = new AtomicBoolean();
            Thread collector = new Thread(() -> {
                while (!done.get()) {
                    System.gc();
                }
            });
            float expected = loss();
            Tensor output = Model.of(NET, 1, 8, 8).predict(BATCH.inputs());
            collector.start();
            long end = System.nanoTime() + SECONDS * 1_000_000_000L;
            while (System.nanoTime() < end) {
                if (loss() != expected
                        || !Model.of(NET, 1, 8, 8).predict(BATCH.inputs()).equals(output)) {
                    System.out.println("other results");
                    System.exit(1);
                }
            }
            done.set(true);
            collector.join();
            System.out.println("same");
        }

        /** Nobody holds the model or the training, but for the running step itself. */
        private static float loss() {
            return Model.of(NET, 1, 8, 8).training(crossEntropy(), adam(1e-3)).step(BATCH);
        }
    }
}
