package dev.fluxion.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Another JVM that saves one version of a file after the other is killed where it happens to be, mostly while it writes: the file is
 * the version that was saved last, or the next one, whole. {@code -Dfluxion.saves=300} kills as often.
 */
class KilledSaveTest {
    private static final int KILLS = Integer.getInteger("fluxion.saves", 3);
    /** So many that some of them fall in a save. */
    private static final int MANY = 30;

    private static final int NUMBERS = 1 << 20;

    @TempDir
    Path folder;

    @Test
    void theFileIsTheOldOneOrTheNewOne() throws Exception {
        Random random = new Random(Long.getLong("fluxion.seed", 1));
        int within = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Path file = folder.resolve(kill % 3 == 2 ? "weights.pth" : "weights.safetensors");
            int saved = saveUntilKilled(file, kill % 4 != 3, random);
            int found = version(file);
            assertThat(found).as("after %d saves", saved).isBetween(saved, saved + 1);
            within += parts() ? 1 : 0;
            SafeTensors.removeForsaken(folder);
        }
        if (KILLS >= MANY) {
            assertThat(within).as("kills within a save").isGreaterThan(KILLS / 4);
        }
    }

    /** Whether a part of a file was left. */
    private boolean parts() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.toString().endsWith(".part"));
        }
    }

    private static int version(Path file) throws IOException {
        Tensor w = read(file).get("w");
        assertThat(w.size()).isEqualTo(NUMBERS);
        int version = (int) w.floats()[0];
        for (float number : w.floats()) {
            if (number != version) {
                throw new AssertionError("numbers of version " + version + " and of " + number);
            }
        }
        return version;
    }

    private static Map<String, Tensor> read(Path file) throws IOException {
        return isTorch(file) ? PyTorchFile.read(file) : SafeTensors.read(file);
    }

    private static boolean isTorch(Path file) {
        return file.toString().endsWith(".pth");
    }

    /**
     * The last version that was saved for certain.
     *
     * @param within whether it is killed when a part of a file is there, else at any time
     */
    private int saveUntilKilled(Path file, boolean within, Random random) throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        int some = 1 + random.nextInt(4);
        while (saved(log) < some && child.isAlive()) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        while (within && !parts() && child.isAlive()) {
            Thread.onSpinWait();
        }
        TimeUnit.MICROSECONDS.sleep(random.nextInt(within ? 1_000 : 20_000));
        child.destroyForcibly().waitFor();
        return saved(log);
    }

    /** The number in the last whole line. */
    private static int saved(Path log) throws IOException {
        String text = Files.readString(log);
        String[] lines = text.substring(0, text.lastIndexOf('\n') + 1).split("\n");
        return lines[lines.length - 1].isEmpty() ? 0 : Integer.parseInt(lines[lines.length - 1]);
    }

    static final class Child {
        private Child() {}

        public static void main(String[] args) throws IOException {
            Path file = Path.of(args[0]);
            for (int version = 1; ; version++) {
                Map<String, Tensor> weights = Map.of("w", Tensor.full(version, NUMBERS));
                if (isTorch(file)) {
                    PyTorchFile.write(file, weights);
                } else {
                    SafeTensors.write(file, weights);
                }
                System.out.println(version);
            }
        }
    }
}
