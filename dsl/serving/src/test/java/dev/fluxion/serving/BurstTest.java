package dev.fluxion.serving;

import static dev.fluxion.dsl.layer.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that are made at one time. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BurstTest {
    private static final Tensor SAMPLE = Tensor.zeros(1, 4);

    @Test
    void workersThatSleepBeginWhenAllAreMade() throws InterruptedException {
        Gate gate = Gate.open();
        try (Model model = Model.of(linear(3), 4);
                Batcher batcher =
                        Batcher.of(model, Batching.defaults().workers(1).listener(gate))) {
            Burst burst = new Burst();
            batcher.submit(SAMPLE).join();
            Terms terms = Terms.of(Priority.NORMAL).in(burst);
            for (int round = 0; round < 2; round++) {
                gate.awaitAsleep();
                List<CompletableFuture<Tensor>> answers = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    answers.add(batcher.submit(SAMPLE, terms));
                }
                Thread.sleep(20); // a worker that is woken begins
                assertThat(batcher.waiting()).isEqualTo(5);
                burst.close();
                answers.forEach(CompletableFuture::join);
            }
            assertThat(gate.batches).containsExactly(1, 5, 5);
        }
    }

    @Test
    void whoeverWaitsForAnAnswerOrAsksAloneDoesNotWaitForTheEnd() throws Exception {
        Gate gate = Gate.open();
        try (Model model = Model.of(linear(3), 4);
                Batcher batcher =
                        Batcher.of(model, Batching.defaults().workers(1).listener(gate));
                Burst burst = new Burst()) {
            batcher.submit(SAMPLE).join();
            gate.awaitAsleep();
            Terms terms = Terms.of(Priority.NORMAL).in(burst);
            batcher.submit(SAMPLE, terms).join();
            gate.awaitAsleep();
            batcher.submit(SAMPLE, terms).get();
            gate.awaitAsleep();
            CompletableFuture<Tensor> waits = batcher.submit(SAMPLE, terms);
            batcher.predict(SAMPLE, terms);
            waits.orTimeout(30, TimeUnit.SECONDS).join();
        }
    }

    @Test
    void aFullBatchDoesNotWaitForTheEnd() throws InterruptedException {
        Gate gate = Gate.open();
        CountDownLatch answered = new CountDownLatch(1);
        try (Model model = Model.of(linear(3), 4);
                Batcher batcher = Batcher.of(
                        model, Batching.defaults().maxBatch(4).workers(1).listener(gate))) {
            batcher.submit(SAMPLE).join();
            gate.awaitAsleep();
            Terms terms = Terms.of(Priority.NORMAL).in(new Burst());
            batcher.submit(SAMPLE, terms).thenRun(answered::countDown);
            for (int i = 0; i < 3; i++) {
                batcher.submit(SAMPLE, terms);
            }
            assertThat(answered.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
