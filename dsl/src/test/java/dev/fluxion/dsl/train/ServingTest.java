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
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One model and many threads. */
class ServingTest {
    private static final int CLIENTS = 64;
    private static final int POOL = 2;
    private static final int OUTPUTS = 20_000;

    private static Model model() {
        return Model.of(Seq.of(conv(1, 8, 3), maxPool(2), conv(8, 16, 3), flatten(), linear(256, 10)), 1, 14, 14)
                .threads(POOL);
    }

    private static Tensor images(int batch, int seed) {
        Random random = new Random(seed);
        float[] pixels = new float[batch * 14 * 14];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        return Tensor.of(pixels, batch, 1, 14, 14);
    }

    /** Small batches run on the caller's thread; large ones are shared with helpers. */
    @ParameterizedTest
    @CsvSource({"1, 3000", "32, 100"})
    void everyAnswerIsTheSerialOne(int batch, int predictions) throws Exception {
        try (Model model = model()) {
            List<Tensor> questions = new ArrayList<>();
            List<float[]> answers = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                questions.add(images(batch, i));
                answers.add(model.predict(questions.get(i)).floats());
            }
            int before = threads();
            AtomicInteger wrong = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            runAll(client -> {
                for (int i = 0; i < predictions; i++) {
                    int which = (client + i) % questions.size();
                    float[] answer = model.predict(questions.get(which)).floats();
                    if (!Arrays.equals(answer, answers.get(which))) {
                        wrong.incrementAndGet();
                    }
                    if (i == predictions / 2) {
                        most.accumulateAndGet(threads(), Math::max);
                    }
                }
            });
            assertThat(wrong.get()).isZero();
            assertThat(most.get()).isLessThanOrEqualTo(before + CLIENTS + POOL + 2);
        }
    }

    /** Weights are never half old and half new: the first bias is the same in all classes at any time. */
    @Test
    void predictionsAndTrainingDoNotMix() throws Exception {
        try (Model model = Model.of(linear(1, OUTPUTS), 1).threads(1)) {
            model.parameters().set("weight", Tensor.of(new float[OUTPUTS], OUTPUTS, 1));
            model.parameters().set("bias", Tensor.of(new float[OUTPUTS], OUTPUTS));
            Tensor zero = Tensor.of(new float[1], 1, 1);
            AtomicInteger torn = new AtomicInteger();
            runAll(client -> {
                if (client == 0) {
                    Training training = model.training(Losses.mse(), sgd(100));
                    float[] ones = new float[OUTPUTS];
                    for (int i = 0; i < 500; i++) {
                        Arrays.fill(ones, i % 7);
                        training.step(new Batch(zero, Tensor.of(ones.clone(), 1, OUTPUTS)));
                    }
                } else if (client < 4) {
                    for (int i = 0; i < 500; i++) {
                        float[] answer = model.predict(zero).floats();
                        for (float value : answer) {
                            if (value != answer[0]) {
                                torn.incrementAndGet();
                            }
                        }
                    }
                }
            });
            assertThat(torn.get()).isZero();
        }
    }

    @Test
    void trainingGoesOnWhileOthersPredict() throws Exception {
        try (Model model = model()) {
            AtomicReference<Float> loss = new AtomicReference<>(Float.NaN);
            runAll(client -> {
                if (client == 0) {
                    Training training = model.training(crossEntropy(), sgd(0.01));
                    int[] labels = new int[32];
                    Batch batch = new Batch(images(32, 1), Tensor.of(labels, Shape.of(32)));
                    for (int i = 0; i < 50; i++) {
                        loss.set(training.step(batch));
                    }
                } else {
                    for (int i = 0; i < 50; i++) {
                        model.predict(images(1 + client % 3, client));
                    }
                }
            });
            assertThat(loss.get()).isLessThan(0.5f);
        }
    }

    private interface Client {
        void run(int number) throws Exception;
    }

    private static void runAll(Client client) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            int number = i;
            Thread thread = new Thread(() -> {
                try {
                    start.await();
                    client.run(number);
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
    }

    /** The native threads of this process; 0 where the system does not tell. */
    private static int threads() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("Threads:"))
                .mapToInt(line ->
                        Integer.parseInt(line.substring("Threads:".length()).strip()))
                .sum();
    }
}
