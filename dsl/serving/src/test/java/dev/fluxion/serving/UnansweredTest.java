package dev.fluxion.serving;

import static dev.fluxion.dsl.layer.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.Shape;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that have no answer: there was no room, they came too late, nobody waits for them, or the batcher is closed. */
class UnansweredTest extends OneNet {
    @Test
    void aFullQueueRefusesAtOnceAndCancelledRequestsMakeRoom() throws Exception {
        Gate gate = Gate.shut();
        try (Batcher batcher = Batcher.of(net, SMALL.queue(4).listener(gate))) {
            CompletableFuture<Tensor> first = batcher.submit(samples(1, 0));
            gate.awaitHeld();
            CompletableFuture<Tensor> waiting = batcher.submit(samples(3, 1));
            CompletableFuture<Tensor> refused = batcher.submit(samples(2, 2));
            assertThat(refused).isCompletedExceptionally();
            assertRefused(refused, Refusal.FULL);
            assertThatThrownBy(refused::join)
                    .hasMessageContaining("the queue is full: 3 of 4 samples wait, and the request has 2");
            assertThatThrownBy(() -> batcher.submit(samples(5, 2)).join())
                    .hasMessageContaining("the request has 5 samples, but the queue has room for 4 at most");
            assertThatThrownBy(() -> batcher.predict(samples(2, 2))).isInstanceOf(RefusedException.class);
            waiting.cancel(false);
            CompletableFuture<Tensor> instead = batcher.submit(samples(4, 3));
            gate.release();
            assertAnswers(first.join(), samples(1, 0));
            assertAnswers(instead.join(), samples(4, 3));
            assertThat(gate.batches).containsExactly(1, 4);
            assertThat(gate.count(Refusal.FULL)).isEqualTo(3);
            assertThat(gate.count(Refusal.CANCELLED)).isEqualTo(1);
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whatHasExpiredMakesRoom() throws Exception {
        Gate gate = Gate.shut();
        AtomicLong clock = new AtomicLong();
        try (Batcher batcher = Batcher.of(net, SMALL.queue(4).listener(gate), clock::get)) {
            CompletableFuture<Tensor> first = batcher.submit(samples(1, 0));
            gate.awaitHeld();
            Terms hasty = Terms.of(Priority.NORMAL).deadline(Duration.ofNanos(3000));
            CompletableFuture<Tensor> patient = batcher.submit(samples(1, 1));
            CompletableFuture<Tensor> expires = batcher.submit(samples(3, 2), hasty);
            clock.set(2999);
            assertRefused(batcher.submit(samples(1, 3)), Refusal.FULL);
            clock.set(3000);
            CompletableFuture<Tensor> instead = batcher.submit(samples(3, 3));
            assertRefused(expires, Refusal.EXPIRED);
            gate.release();
            assertAnswers(first.join(), samples(1, 0));
            assertAnswers(patient.join(), samples(1, 1));
            assertAnswers(instead.join(), samples(3, 3));
        }
    }

    /** However its caller ends it. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whatItsCallerHasEndedMakesRoom() throws Exception {
        List<Consumer<CompletableFuture<Tensor>>> ways = List.of(
                answer -> answer.cancel(false),
                answer -> answer.complete(null),
                answer -> answer.completeAsync(() -> null, Runnable::run),
                answer -> answer.obtrudeValue(null),
                answer -> answer.obtrudeException(new IllegalStateException()));
        for (Consumer<CompletableFuture<Tensor>> way : ways) {
            Gate gate = Gate.shut();
            try (Batcher batcher = Batcher.of(net, SMALL.queue(4).listener(gate))) {
                CompletableFuture<Tensor> first = batcher.submit(samples(1, 0));
                gate.awaitHeld();
                way.accept(batcher.submit(samples(4, 1)));
                CompletableFuture<Tensor> instead = batcher.submit(samples(4, 2));
                gate.release();
                assertAnswers(first.join(), samples(1, 0));
                assertAnswers(instead.join(), samples(4, 2));
            }
        }
    }

    /** Under too much load, workers would wait for those who are refused, and answer a third of what they can. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whoIsRefusedWaitsForNoLock() throws Exception {
        CountDownLatch inLock = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        AtomicBoolean holds = new AtomicBoolean();
        LongSupplier clock = () -> {
            if (Thread.currentThread() instanceof Worker && holds.get()) {
                inLock.countDown();
                Gate.await(end);
            }
            return 0;
        };
        Gate gate = Gate.open();
        try (Batcher batcher = Batcher.of(net, SMALL.queue(4).listener(gate), clock)) {
            batcher.submit(samples(1, 0)).join();
            gate.awaitAsleep();
            holds.set(true);
            CompletableFuture<Tensor> first = batcher.submit(samples(4, 0));
            inLock.await();
            assertRefused(batcher.submit(samples(1, 1)), Refusal.FULL);
            holds.set(false);
            end.countDown();
            assertAnswers(first.join(), samples(4, 0));
        } finally {
            end.countDown();
        }
    }

    @Test
    void whatHasExpiredOrWasCancelledIsNotComputed() throws Exception {
        Gate gate = Gate.shut();
        AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1000);
        Batching options = SMALL.deadline(Duration.ofNanos(5000)).listener(gate);
        try (Batcher batcher = Batcher.of(net, options, clock::get)) {
            CompletableFuture<Tensor> first = batcher.submit(samples(1, 0));
            gate.awaitHeld();
            CompletableFuture<Tensor> patient = batcher.submit(samples(1, 1));
            CompletableFuture<Tensor> hasty =
                    batcher.submit(samples(1, 2), Terms.of(Priority.HIGH).deadline(Duration.ofNanos(3000)));
            CompletableFuture<Tensor> cancelled = batcher.submit(samples(1, 3));
            cancelled.cancel(true);
            clock.addAndGet(3000);
            gate.release();
            assertAnswers(first.join(), samples(1, 0));
            assertAnswers(patient.join(), samples(1, 1));
            assertRefused(hasty, Refusal.EXPIRED);
            assertThat(gate.batches).containsExactly(1, 1);
            assertThat(gate.count(Refusal.EXPIRED)).isEqualTo(1);
            assertThat(gate.count(Refusal.CANCELLED)).isEqualTo(1);
        }
    }

    @Test
    void aThreadThatWaitsGivesUpAtItsDeadline() throws Exception {
        Gate gate = Gate.shut();
        try (Batcher batcher = Batcher.of(net, SMALL.listener(gate))) {
            CompletableFuture<Tensor> first = batcher.submit(samples(1, 0));
            gate.awaitHeld();
            Terms hasty = Terms.of(Priority.NORMAL).deadline(Duration.ofNanos(1));
            assertThatThrownBy(() -> batcher.predict(samples(1, 1), hasty))
                    .isInstanceOfSatisfying(
                            RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.EXPIRED))
                    .hasMessage("the deadline has passed before the request was computed");
            assertThat(batcher.waiting()).isZero();
            gate.release();
            assertAnswers(first.join(), samples(1, 0));
        }
    }

    @Test
    void aThreadThatIsInterruptedGivesUpAndStaysInterrupted() throws Exception {
        Gate gate = Gate.shut();
        try (Batcher batcher = Batcher.of(net, SMALL.listener(gate))) {
            CompletableFuture<Tensor> first = batcher.submit(samples(1, 0));
            gate.awaitHeld();
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> batcher.predict(samples(1, 1)))
                    .isInstanceOfSatisfying(
                            RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.CANCELLED));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(batcher.waiting()).isZero();
            gate.release();
            assertAnswers(first.join(), samples(1, 0));
        }
        Thread.currentThread().interrupt();
        try (Batcher batcher = Batcher.of(net, SMALL)) {
            assertAnswers(batcher.predict(samples(1, 1)), samples(1, 1));
        }
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void closingAnswersWhatWaits() throws Exception {
        Gate gate = Gate.shut();
        Batcher batcher = Batcher.of(net, SMALL.maxDelay(Duration.ofDays(1)).listener(gate));
        CompletableFuture<Tensor> first = batcher.submit(samples(8, 0));
        gate.awaitHeld();
        CompletableFuture<Tensor> waiting = batcher.submit(samples(1, 1));
        CompletableFuture<Void> closing = CompletableFuture.runAsync(batcher::close);
        while (!batcher.status().draining()) {
            Thread.onSpinWait();
        }
        assertRefused(batcher.submit(samples(1, 2)), Refusal.CLOSED);
        assertThat(closing).isNotDone();
        gate.release();
        closing.join();
        assertAnswers(first.join(), samples(8, 0));
        assertAnswers(waiting.join(), samples(1, 1));
        assertThatThrownBy(() -> batcher.predict(samples(1, 3))).hasMessage("the batcher is closed");
        batcher.close();
        assertThat(net.predict(samples(1, 1)).shape()).isEqualTo(Shape.of(1, 3));
    }

    @Test
    void closingNowRefusesWhatWaits() throws Exception {
        Gate gate = Gate.shut();
        Batcher batcher = Batcher.of(net, SMALL.listener(gate));
        CompletableFuture<Tensor> first = batcher.submit(samples(1, 0));
        gate.awaitHeld();
        CompletableFuture<Tensor> waiting = batcher.submit(samples(1, 1));
        CompletableFuture<Void> closing = CompletableFuture.runAsync(batcher::closeNow);
        assertRefused(waiting, Refusal.CLOSED);
        gate.release();
        closing.join();
        assertAnswers(first.join(), samples(1, 0));
        assertThat(gate.batches).containsExactly(1);
    }

    @Test
    void aClosedModelFailsRequestsAndNobodyWaitsForEver() {
        Model model = Model.of(linear(2), 2);
        try (Batcher batcher = Batcher.of(model, SMALL)) {
            batcher.predict(Tensor.zeros(1, 2));
            model.close();
            assertThatThrownBy(() -> batcher.predict(Tensor.zeros(1, 2))).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> batcher.submit(Tensor.zeros(1, 2)).join())
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() -> Batcher.of(model)).isInstanceOf(IllegalStateException.class);
    }
}
