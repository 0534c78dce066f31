package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that is asked to end, as by Ctrl-C, ends after a step, with a checkpoint. */
class ShutdownTest {
    private static final String FROM_OUTSIDE = "outside";
    private static final String FROM_A_LISTENER = "listener";

    @TempDir
    Path folder;

    @Test
    void aTrainingStopsAfterItsStep() throws Exception {
        Process child = child(FROM_OUTSIDE);
        try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
            while (!"3".equals(lines.readLine())) {
                assertThat(child.isAlive()).isTrue();
            }
            child.toHandle().destroy();
            String last = lines.lines().reduce("3", (a, b) -> b);
            assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(Checkpoints.in(folder).last().orElseThrow().state().steps())
                    .isEqualTo(Long.parseLong(last));
        }
    }

    @Test
    void aListenerThatEndsTheJvmIsNotWaitedFor() throws Exception {
        Process child = child(FROM_A_LISTENER);
        assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isEqualTo(7);
    }

    private Process child(String who) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        folder.toString(),
                        who)
                .redirectErrorStream(true)
                .start();
    }

    static final class Child {
        private Child() {}

        public static void main(String[] args) {
            TrainingListener printing = new TrainingListener() {
                @Override
                public void iteration(Iteration iteration, Training training) {
                    if (args[1].equals(FROM_A_LISTENER)) {
                        System.exit(7);
                    }
                    System.out.println(training.steps());
                }
            };
            DataLoader data = DataLoader.of(Dataset.of(Tensor.full(0.5f, 4, 1), Tensor.full(1, 4, 1)));
            try (Model model = Model.of(linear(1, 1), 1)) {
                Trainer.of(mse(), adam(1e-6))
                        .epochs(Integer.MAX_VALUE)
                        .checkpoints(Checkpoints.in(Path.of(args[0])).keep(1))
                        .listen(printing)
                        .fit(model, data);
            }
        }
    }
}
