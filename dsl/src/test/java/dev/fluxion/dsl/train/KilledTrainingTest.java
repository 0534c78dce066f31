package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.dropout;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adamW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.optim.Schedules;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training in another JVM is killed where it happens to be, also while it writes a checkpoint, and begun again until it
 * ends: all of its state is that of a training that nobody killed. It has dropout, clipping, groups, an average of the weights,
 * shuffled data and evaluations of the averages within epochs. {@code -Dfluxion.kills=20} kills as often.
 */
class KilledTrainingTest {
    private static final int KILLS = Integer.getInteger("fluxion.kills", 2);
    /** So many in a row before a training is left to its end. */
    private static final int TOGETHER = 4;
    /** So many that some of them fall in a save. */
    private static final int MANY = 8;

    private static final int EPOCHS = 4;
    private static final int SAMPLES = 40;
    private static final Seq NET = Seq.of(linear(64, 256), relu(), dropout(0.3), linear(256, 4));

    @TempDir
    Path folder;

    @Test
    void aTrainingThatIsKilledGoesOnBitForBit() throws Exception {
        Random random = new Random(Long.getLong("fluxion.seed", 1));
        Checkpoint whole = Child.train(folder.resolve("whole"), null);
        int saves = 0;
        for (int kills = 0; kills < KILLS; kills += TOGETHER) {
            Path killed = folder.resolve("killed" + kills);
            for (int kill = kills; kill < Math.min(KILLS, kills + TOGETHER); kill++) {
                kill(killed, kill % 2 == 0, random);
                saves += parts(killed) ? 1 : 0;
            }
            Checkpoint resumed = Child.train(killed, null);
            assertThat(resumed.weights()).isEqualTo(whole.weights());
            assertThat(resumed.state()).isEqualTo(whole.state());
            assertThat(resumed.best()).isEqualTo(whole.best());
            assertThat(results(resumed)).isEqualTo(results(whole));
            try (Stream<Path> files = Files.list(killed)) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .as("no parts, no old checkpoints")
                        .hasSize(3)
                        .allMatch(name -> name.matches("(best|step-\\d+)\\.safetensors"));
            }
        }
        if (KILLS >= MANY) {
            assertThat(saves).as("kills during a save").isPositive();
        }
    }

    /** Whether there is a part of a file. */
    private static boolean parts(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.toString().endsWith(".part"));
        }
    }

    /** All but the time. */
    private static List<List<Object>> results(Checkpoint checkpoint) {
        return checkpoint.reports().stream()
                .map(report -> List.<Object>of(report.epoch(), report.loss(), report.metrics()))
                .toList();
    }

    /** Kills a training behind some steps: at once, or while it saves if it does within a second. */
    private static void kill(Path folder, boolean saving, Random random) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        int steps = random.nextInt(2 * SAMPLES / 4);
        try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null && steps > 0; line = lines.readLine()) {
                steps -= line.startsWith("step") ? 1 : 0;
            }
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
            while (saving && !parts(folder) && child.isAlive() && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            TimeUnit.MICROSECONDS.sleep(saving ? random.nextInt(500) : random.nextInt(5000));
            child.destroyForcibly().waitFor();
        }
    }

    static final class Child {
        private Child() {}

        public static void main(String[] args) throws IOException {
            train(Path.of(args[0]), new TrainingListener() {
                @Override
                public void iteration(Iteration iteration) {
                    System.out.println("step");
                }
            });
        }

        /** Trains from the last checkpoint in a folder on, writing one after every step; gives the last one. */
        static Checkpoint train(Path folder, @Nullable TrainingListener listener) throws IOException {
            Checkpoints checkpoints =
                    Checkpoints.in(folder).every(1).best(Best.lowest("mse")).resume();
            DataLoader data = DataLoader.of(data(1));
            Optimizer optimizer = adamW(0.01).group("3", 0.02).noDecay("*.bias");
            Trainer trainer = Trainer.of(mse(), optimizer.clipNorm(0.3).average(0.9))
                    .epochs(EPOCHS)
                    .schedule(Schedules.step(1, 0.5))
                    .evaluate(DataLoader.of(data(2)).batch(8), Metrics.mean("mse", mse()))
                    .evaluate("trained", data.batch(8), Metrics.mean("mse", mse()))
                    .evaluateEvery(7)
                    .evaluateAverages()
                    .stop(EarlyStopping.of(Best.lowest("mse"), EPOCHS))
                    .checkpoints(checkpoints);
            try (Model model = Model.of(NET, 64)) {
                (listener == null ? trainer : trainer.listen(listener))
                        .fit(model, data.batch(4).shuffle(7));
            }
            return checkpoints.last().orElseThrow();
        }

        private static Dataset data(long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            float[] x = new float[SAMPLES * 64];
            float[] y = new float[SAMPLES * 4];
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) random.nextDouble(-1, 1);
            }
            for (int i = 0; i < y.length; i++) {
                y[i] = x[16 * i] * x[16 * i + 1];
            }
            return Dataset.of(Tensor.of(x, SAMPLES, 64), Tensor.of(y, SAMPLES, 4));
        }
    }
}
