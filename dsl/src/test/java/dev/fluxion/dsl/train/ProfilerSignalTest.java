package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.ir.Shape;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * A profiler interrupts threads wherever they are, kernels included. Training and prediction under a hail of SIGPROF, in a
 * JVM of its own, give what they give without it.
 */
class ProfilerSignalTest {
    /** Some 500 a second are sent, fewer on a busy machine. */
    private static final long ENOUGH = 1_000;

    private static final int MOST_SECONDS = 60;

    @Test
    void signalsChangeNothing() throws Exception {
        String system = System.getProperty("os.name");
        if (!system.equals("Linux")) {
            System.out.println(
                    "no signals sent: the threads to send them to are found in Linux's /proc, this is " + system);
            return;
        }
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:ErrorFile=/dev/null",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName()))
                .redirectErrorStream(true)
                .start();
        Process hail = new ProcessBuilder(List.of("/bin/sh", "-c", hail(child.pid()))).start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(output).isZero();
        hail.destroy();
        String last = output.strip().lines().reduce((a, b) -> b).orElse("");
        assertThat(last).startsWith("same after ");
        assertThat(Long.parseLong(last.replaceAll("\\D+", " ").strip().split(" ")[0]))
                .as(output)
                .isGreaterThanOrEqualTo(ENOUGH);
    }

    /** Signals the thread that trains and its helpers, as long as the child lives. */
    private static String hail(long pid) {
        return """
                while kill -0 %1$d 2>/dev/null; do
                  for t in /proc/%1$d/task/*; do
                    read -r name < $t/comm 2>/dev/null || continue
                    case "$name" in
                      train|fluxion-*) kill -PROF ${t##*/} 2>/dev/null ;;
                    esac
                  done
                  sleep 0.001
                done
                """.formatted(pid);
    }

    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws Exception {
            AtomicLong signals = new AtomicLong();
            count(signals);
            List<Boolean> same = new ArrayList<>();
            float[][] expected = new float[2][];
            Thread before = new Thread(() -> run(expected), "calm");
            before.start();
            before.join();
            Thread train = new Thread(
                    () -> {
                        long end = System.nanoTime() + MOST_SECONDS * 1_000_000_000L;
                        while (signals.get() < ENOUGH && System.nanoTime() < end) {
                            float[][] found = new float[2][];
                            run(found);
                            same.add(Arrays.deepEquals(found, expected));
                        }
                    },
                    "train");
            train.start();
            train.join();
            System.out.println(
                    (same.contains(false) ? "other after " : "same after ") + signals + " signals, " + same.size());
        }

        /** The JDK's class for signals is not to be compiled against. */
        private static void count(AtomicLong signals) throws ReflectiveOperationException {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object counter = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, given) -> {
                        signals.incrementAndGet();
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("PROF"), counter);
        }

        /** Some training steps, and what the model predicts then. */
        private static void run(float[][] results) {
            try (Model model = Model.of(
                            Seq.of(conv(1, 16, 3), maxPool(2), conv(16, 32, 3), flatten(), linear(800, 10)), 1, 16, 16)
                    .seed(3)
                    .threads(2)) {
                Training training = model.training(crossEntropy(), sgd(0.01));
                Random random = new Random(4);
                float[] pixels = new float[32 * 256];
                int[] labels = new int[32];
                for (int step = 0; step < 30; step++) {
                    for (int i = 0; i < pixels.length; i++) {
                        pixels[i] = (float) random.nextGaussian();
                    }
                    labels[step] = step % 10;
                    training.step(new Batch(
                            Tensor.of(pixels.clone(), 32, 1, 16, 16), Tensor.of(labels.clone(), Shape.of(32))));
                }
                Tensor images = Tensor.of(pixels, 32, 1, 16, 16);
                results[0] = model.predict(images).floats();
                results[1] = model.parameters().get("0.weight").floats();
            }
        }
    }
}
