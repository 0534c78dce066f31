package dev.fluxion.serving;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.engine.OffHeap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Many requests, and too many. The properties {@code fluxion.requests} and {@code fluxion.overload} (seconds) make it longer. */
class EnduranceTest {
    private static final int CALLERS = 4;
    private static final int AT_ONCE = 16;
    private static final int BAD = 50;
    private static final int REQUESTS = Integer.getInteger("fluxion.requests", 8_000);
    private static final int SWAPS = Math.max(4, REQUESTS / 5_000);
    private static final double SECONDS = Double.parseDouble(System.getProperty("fluxion.overload", "0.5"));

    private static Model model() {
        return Model.of(Seq.of(linear(32), relu(), linear(5)), 16).seed(7);
    }

    private static Tensor sample(int number) {
        Random random = new Random(number);
        float[] values = new float[16];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, 1, 16);
    }

    /** One of fifty does not fit, or has a number that is not finite; the model is replaced meanwhile. */
    @Test
    void manyRequestsLeaveNothing() throws Exception {
        long before = OffHeap.bytes();
        Batching options = Batching.defaults().batchInvariant(4);
        List<Tensor> samples = new ArrayList<>();
        List<Tensor> answers = new ArrayList<>();
        try (Model alone = model();
                Batcher serial = Batcher.of(alone, options)) {
            for (int i = 0; i < 100; i++) {
                samples.add(sample(i));
                answers.add(serial.predict(samples.get(i)));
            }
        }
        AtomicInteger refused = new AtomicInteger();
        long resident;
        try (Models models = Models.of(Limits.none())) {
            models.replace("net", "0", Source.of(EnduranceTest::model).batching(options));
            ask(models.service("net"), samples, answers, REQUESTS / 10, refused);
            resident = resident();
            refused.set(0);
            CompletableFuture<Void> asking = CompletableFuture.runAsync(
                    () -> ask(models.service("net"), samples, answers, REQUESTS, refused),
                    task -> new Thread(task).start());
            for (int swap = 1; swap <= SWAPS; swap++) {
                models.replace(
                        "net",
                        String.valueOf(swap),
                        Source.of(EnduranceTest::model).batching(options));
                Thread.sleep(1);
            }
            asking.join();
        }
        System.gc();
        System.out.printf("%d requests, %d swaps: resident %+d kB%n", REQUESTS, SWAPS, resident() - resident);
        assertThat(refused).hasValue(REQUESTS / BAD);
        assertThat(OffHeap.bytes()).isEqualTo(before);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(t -> t.getName().startsWith("fluxion-serving-"));
    }

    private static void ask(Service net, List<Tensor> samples, List<Tensor> answers, int count, AtomicInteger refused) {
        List<CompletableFuture<Void>> callers = new ArrayList<>();
        for (int caller = 0; caller < CALLERS; caller++) {
            int first = caller;
            callers.add(CompletableFuture.runAsync(
                    () -> {
                        for (int i = first; i < count; i += CALLERS) {
                            askOne(net, samples, answers, i, refused);
                        }
                    },
                    task -> new Thread(task).start()));
        }
        callers.forEach(CompletableFuture::join);
    }

    private static void askOne(Service net, List<Tensor> samples, List<Tensor> answers, int i, AtomicInteger refused) {
        int which = i % samples.size();
        Tensor given = samples.get(which);
        if (i % BAD == 0) {
            given = i % (2 * BAD) == 0 ? Tensor.zeros(1, 15) : Tensor.full(Float.NaN, 1, 16);
        }
        try {
            Tensor answer = i % 3 == 0 ? net.predict(given) : net.submit(given).join();
            assertThat(answer).isEqualTo(answers.get(which));
        } catch (IllegalArgumentException e) {
            refused.incrementAndGet();
        } catch (CompletionException e) {
            assertThat(e.getCause()).isInstanceOf(IllegalArgumentException.class);
            refused.incrementAndGet();
        }
    }

    /** Callers ask without waiting for answers, several times as fast as one worker computes. */
    @Test
    void tooManyRequestsAreRefusedAtOnceAndTheOthersAnswered() throws Exception {
        AtomicLong answered = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        AtomicLong other = new AtomicLong();
        List<long[]> refusals = new ArrayList<>();
        long asked = 0;
        long before;
        long resident;
        try (Model model = Model.of(Seq.of(linear(512), relu(), linear(512), relu(), linear(5)), 16);
                Batcher batcher = Batcher.of(
                                model, Batching.defaults().workers(1).queue(256))
                        .warmUp()) {
            before = OffHeap.bytes();
            resident = resident();
            List<CompletableFuture<long[]>> callers = new ArrayList<>();
            for (int caller = 0; caller < 2; caller++) {
                callers.add(CompletableFuture.supplyAsync(
                        () -> flood(batcher, answered, refused, other), task -> new Thread(task).start()));
            }
            for (CompletableFuture<long[]> caller : callers) {
                long[] nanos = caller.join();
                asked += nanos[0];
                refusals.add(Arrays.copyOfRange(nanos, 1, nanos.length));
            }
            assertThat(OffHeap.bytes()).isEqualTo(before);
        }
        long[] sorted = refusals.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        System.out.printf(
                "%d asked, %d answered, %d refused; p99 of a refusal %.1f us; resident %+d kB%n",
                asked, answered.get(), refused.get(), sorted[sorted.length * 99 / 100] / 1e3, resident() - resident);
        assertThat(other).hasValue(0);
        assertThat(answered.get() + refused.get()).isEqualTo(asked);
        assertThat(answered.get()).isPositive();
        assertThat(refused.get()).isPositive();
    }

    /** How many were asked, and how long the last refusals took. */
    private static long[] flood(Batcher batcher, AtomicLong answered, AtomicLong refused, AtomicLong other) {
        Tensor sample = sample(1);
        long[] nanos = new long[1 + 4096];
        int at = 0;
        long end = System.nanoTime() + (long) (SECONDS * 1e9);
        while (System.nanoTime() < end) {
            for (int i = 0; i < AT_ONCE; i++) {
                long start = System.nanoTime();
                CompletableFuture<Tensor> answer = batcher.submit(sample);
                if (answer.isCompletedExceptionally()) {
                    nanos[1 + at++ % 4096] = System.nanoTime() - start;
                }
                nanos[0]++;
                answer.whenComplete((result, e) -> count(e, answered, refused, other));
            }
            Thread.onSpinWait();
        }
        return nanos;
    }

    private static void count(Throwable e, AtomicLong answered, AtomicLong refused, AtomicLong other) {
        if (e == null) {
            answered.incrementAndGet();
        } else if (e instanceof RefusedException refusal && refusal.refusal() == Refusal.FULL) {
            refused.incrementAndGet();
        } else {
            other.incrementAndGet();
        }
    }

    /** The resident memory of this process in kB; 0 where the system does not tell. */
    private static long resident() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
