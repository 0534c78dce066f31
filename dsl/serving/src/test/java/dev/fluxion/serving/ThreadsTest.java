package dev.fluxion.serving;

import static dev.fluxion.dsl.layer.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.train.Model;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The thread contract of the module's page. */
class ThreadsTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Model MODEL = Model.of(linear(2), 2);
    private static final Tensor SAMPLE = Tensor.vector(1, 2).reshape(1, 2);
    private static final Batching ONE = Batching.defaults().workers(1);

    @AfterAll
    static void close() {
        MODEL.close();
    }

    private static Set<Thread> workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("fluxion-serving-"))
                .collect(Collectors.toSet());
    }

    @Test
    void aCallerComputesItselfIfNobodyWaitsAndAWorkerWhatIsSubmitted() {
        Gate gate = Gate.open();
        try (Batcher batcher = Batcher.of(MODEL, ONE.listener(gate))) {
            batcher.predict(SAMPLE);
            batcher.predict(Tensors.of(SAMPLE));
            batcher.call(Tensors.of(SAMPLE), new float[2]).run();
            assertThat(gate.threads).hasSize(3).containsOnly(Thread.currentThread());
            batcher.submit(SAMPLE).join();
            assertThat(workers()).contains(gate.threads.get(3));
        }
    }

    @Test
    void workersAreDaemonsThatInheritNothingAndEndWithTheirBatcher() {
        Set<Thread> before = workers();
        try (Batcher batcher = Batcher.of(MODEL, ONE.workers(3))) {
            Set<Thread> made = workers();
            made.removeAll(before);
            assertThat(made).hasSize(3).allMatch(Thread::isDaemon).allMatch(t -> t.getContextClassLoader() == null);
            assertThat(batcher.status()).isEqualTo(new Status(true, true, false));
        }
        assertThat(workers()).isEqualTo(before);
    }

    /** Callers that compute themselves count, too. */
    @Test
    void requestsThatComeOneByOneTakeAllThreadsAndNoMoreBatchesAreComputedAtOnceThanThereAreWorkers() throws Exception {
        AtomicBoolean steady = new AtomicBoolean();
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger begun = new AtomicInteger();
        CountDownLatch alone = new CountDownLatch(1);
        CountDownLatch two = new CountDownLatch(2);
        ServingListener counting = new ServingListener() {
            @Override
            public void computed(int requests, int samples, long computeNanos) {
                if (!steady.get()) {
                    return;
                }
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                if (begun.incrementAndGet() == 1) {
                    await(alone);
                } else {
                    two.countDown();
                    await(two);
                }
                now.decrementAndGet();
            }
        };
        try (Batcher batcher = Batcher.of(MODEL, ONE.workers(2).maxBatch(1).listener(counting))) {
            for (int i = 0; i < 4; i++) {
                batcher.predict(SAMPLE);
            }
            steady.set(true);
            List<CompletableFuture<?>> all = new ArrayList<>();
            all.add(batcher.submit(SAMPLE));
            while (begun.get() < 1) { // else two workers could begin with two requests
                Thread.onSpinWait();
            }
            for (int i = 0; i < 4; i++) {
                all.add(CompletableFuture.runAsync(() -> batcher.predict(SAMPLE), task -> new Thread(task).start()));
                all.add(batcher.submit(SAMPLE));
            }
            while (batcher.waiting() < 8) {
                Thread.onSpinWait();
            }
            assertThat(most).hasValue(1);
            alone.countDown();
            all.forEach(CompletableFuture::join);
            assertThat(most).hasValue(2);
        }
    }

    /** After others that waited for each other, a request that is alone leaves the threads of the other workers to who comes next. */
    @Test
    void aRequestThatIsAloneLeavesTheOtherWorkersFreeWhereOthersCameTogether() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        ServingListener meeting = new ServingListener() {
            @Override
            public void computed(int requests, int samples, long computeNanos) {
                both.countDown();
                await(both);
            }
        };
        try (Batcher batcher = Batcher.of(MODEL, ONE.workers(2).maxBatch(1).listener(meeting))) {
            CompletableFuture<?> first = batcher.submit(SAMPLE);
            CompletableFuture<?> second = batcher.submit(SAMPLE);
            CompletableFuture.allOf(first, second).get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void thereIsAWorkerOfOneThreadForEachProcessor() {
        Batching defaults = Batching.defaults();
        assertThat(defaults.workers()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(defaults.threadsPerWorker()).isEqualTo(1);
        assertThat(defaults.workers(3).threadsPerWorker(2).threads()).isEqualTo(6);
        assertThat(defaults.workers(1024).threadsPerWorker(1024).threads()).isEqualTo(1024);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anIdleWorkerSleeps() throws Exception {
        Set<Thread> before = workers();
        try (Batcher batcher = Batcher.of(MODEL, ONE)) {
            batcher.submit(SAMPLE).join();
            Set<Thread> made = workers();
            made.removeAll(before);
            Thread worker = made.iterator().next();
            while (worker.getState() != Thread.State.WAITING) {
                Thread.sleep(1);
            }
            long cpu = THREADS.getThreadCpuTime(worker.getId());
            Thread.sleep(50);
            assertThat(THREADS.getThreadCpuTime(worker.getId())).isEqualTo(cpu);
        }
    }

    @Test
    void aCallAllocatesNothing() {
        try (Batcher batcher = Batcher.of(MODEL, ONE)) {
            float[] into = new float[2];
            Call call = batcher.call(Tensors.of(SAMPLE), into);
            long self = Thread.currentThread().getId();
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 200 && least > 0; round++) {
                long start = THREADS.getThreadAllocatedBytes(self);
                for (int i = 0; i < 100; i++) {
                    call.run();
                }
                least = Math.min(least, THREADS.getThreadAllocatedBytes(self) - start);
            }
            assertThat(least).isZero();
        }
    }

    @Test
    void aContinuationMayPredictButNotWaitForWorkersOrClose() {
        try (Batcher batcher = Batcher.of(MODEL, ONE)) {
            Gate gate = Gate.shut();
            Batcher slow = Batcher.of(MODEL, ONE.listener(gate));
            CompletableFuture<Tensor> first = slow.submit(SAMPLE);
            CompletableFuture<Tensor> predicted = first.thenApply(result -> slow.predict(SAMPLE));
            CompletableFuture<Tensor> joined =
                    first.thenApply(result -> slow.submit(SAMPLE).join());
            CompletableFuture<Tensor> derived = first.thenApply(
                    result -> slow.submit(SAMPLE).thenApply(x -> x).join());
            CompletableFuture<Tensor> other =
                    first.thenApply(result -> batcher.submit(SAMPLE).join());
            CompletableFuture<Void> closed = first.thenAccept(result -> slow.close());
            gate.release();
            Tensor right = MODEL.predict(SAMPLE);
            assertThat(predicted.join()).isEqualTo(right);
            assertThat(other.join()).isEqualTo(right);
            assertThatThrownBy(joined::join)
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("thenApplyAsync");
            assertThatThrownBy(derived::join).hasMessageContaining("thenApplyAsync");
            assertThatThrownBy(closed::join).hasMessageContaining("close the batcher in another thread");
            slow.close();
        }
    }

    /** On a JDK that has virtual threads: the property {@code fluxion.jdk} names one. */
    @Test
    void moreVirtualThreadsWaitThanThereAreCarriers() throws Exception {
        Path jdk = Path.of(Optional.ofNullable(System.getProperty("fluxion.jdk", System.getenv("FLUXION_JDK")))
                .filter(home -> !home.isEmpty())
                .orElse(System.getProperty("java.home")));
        Process child = new ProcessBuilder(
                        jdk.resolve("bin").resolve("java").toString(),
                        "-Djdk.virtualThreadScheduler.parallelism=1",
                        "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        VirtualThreads.class.getName())
                .redirectErrorStream(true)
                .start();
        String told = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(told).isZero();
        assertThat(told).contains("all answered");
    }
}
