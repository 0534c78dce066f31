package dev.fluxion.serving;

import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.gru;
import static dev.fluxion.dsl.layer.Layers.input;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.output;
import static dev.fluxion.dsl.layer.Layers.relu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.ModelMemory;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Requests of many callers: every one has its own answer, or the reason why there is none. */
class BatcherTest {
    private static final Model MODEL = Model.of(Seq.of(linear(16), relu(), linear(3)), 4);
    private static final Batching SMALL = Batching.defaults().maxBatch(8).workers(1);

    @AfterAll
    static void close() {
        MODEL.close();
    }

    private static Tensor samples(int rows, int seed) {
        Random random = new Random(seed);
        float[] values = new float[rows * 4];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, rows, 4);
    }

    private static void assertAnswers(Tensor answer, Tensor samples) {
        Tensor alone = MODEL.predict(samples);
        assertThat(answer.shape()).isEqualTo(alone.shape());
        for (int i = 0; i < answer.size(); i++) {
            assertThat(answer.floats()[i]).isCloseTo(alone.floats()[i], within(1e-5f));
        }
    }

    private static void assertRefused(CompletableFuture<?> answer, Refusal why) {
        assertThatThrownBy(answer::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(why));
    }

    @Test
    void requestsThatWaitAreComputedTogether() throws Exception {
        Gate gate = Gate.shut();
        try (Batcher batcher = Batcher.of(MODEL, SMALL.listener(gate))) {
            List<Tensor> given = new ArrayList<>();
            List<CompletableFuture<Tensor>> answers = new ArrayList<>();
            for (int rows : new int[] {1, 3, 1, 4, 2}) {
                given.add(samples(rows, given.size()));
                answers.add(batcher.submit(given.get(given.size() - 1)));
                if (answers.size() == 1) {
                    gate.awaitHeld();
                }
            }
            assertThat(batcher.waiting()).isEqualTo(10);
            gate.release();
            for (int i = 0; i < given.size(); i++) {
                assertAnswers(answers.get(i).join(), given.get(i));
            }
            assertThat(gate.batches).containsExactly(1, 8, 2);
            assertThat(gate.answered).hasValue(11);
        }
    }

    @Test
    void oneBadRequestSpoilsNoOther() throws Exception {
        Gate gate = Gate.shut();
        try (Batcher batcher = Batcher.of(MODEL, SMALL.listener(gate))) {
            CompletableFuture<Tensor> first = batcher.submit(samples(1, 0));
            gate.awaitHeld();
            CompletableFuture<Tensor> good = batcher.submit(samples(2, 1));
            Tensor nan = samples(2, 2);
            nan.floats()[5] = Float.NaN;
            CompletableFuture<Tensor> notFinite = batcher.submit(nan);
            CompletableFuture<Tensor> shape = batcher.submit(Tensor.zeros(2, 5));
            CompletableFuture<Tensor> none = batcher.submit(Tensor.zeros(0, 4));
            CompletableFuture<Tensor> type = batcher.submit(Tensor.of(new int[4], Shape.of(1, 4)));
            Tensor changed = samples(1, 3);
            CompletableFuture<Tensor> later = batcher.submit(changed);
            changed.floats()[0] = Float.POSITIVE_INFINITY;
            CompletableFuture<Tensor> last = batcher.submit(samples(1, 4));
            assertThat(gate.count(Refusal.INVALID)).isEqualTo(4);
            gate.release();
            assertAnswers(first.join(), samples(1, 0));
            assertAnswers(good.join(), samples(2, 1));
            assertAnswers(last.join(), samples(1, 4));
            assertThatThrownBy(notFinite::join)
                    .hasCauseInstanceOf(ValueException.class)
                    .hasMessageContaining("[1, 1]");
            assertThatThrownBy(shape::join)
                    .hasCauseInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("2×5");
            assertThatThrownBy(none::join).hasCauseInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(type::join).hasMessageContaining("integers");
            assertThatThrownBy(later::join).hasCauseInstanceOf(ValueException.class);
            assertThat(gate.count(Refusal.FAILED)).isEqualTo(1);
        }
    }

    /** What only the computation finds spoils no other request either. */
    @Test
    void anIdThatNoTableHasFailsAlone() throws Exception {
        Gate gate = Gate.shut();
        try (Model model = Model.of(embedding(10, 3), Input.ints("ids", 2));
                Batcher batcher = Batcher.of(model, SMALL.listener(gate))) {
            CompletableFuture<Tensor> first = batcher.submit(ids(1, 2));
            gate.awaitHeld();
            CompletableFuture<Tensor> good = batcher.submit(ids(3, 4));
            CompletableFuture<Tensor> bad = batcher.submit(ids(5, 10));
            CompletableFuture<Tensor> last = batcher.submit(ids(9, 0));
            gate.release();
            assertThat(first.join()).isEqualTo(model.predict(ids(1, 2)));
            assertThat(good.join()).isEqualTo(model.predict(ids(3, 4)));
            assertThat(last.join()).isEqualTo(model.predict(ids(9, 0)));
            assertThatThrownBy(bad::join).hasCauseInstanceOf(ValueException.class);
        }
    }

    private static Tensor ids(int... ids) {
        return Tensor.of(ids, Shape.of(1, ids.length));
    }

    @Test
    void aFullQueueRefusesAtOnceAndCancelledRequestsMakeRoom() throws Exception {
        Gate gate = Gate.shut();
        try (Batcher batcher = Batcher.of(MODEL, SMALL.queue(4).listener(gate))) {
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
    void whatHasExpiredOrWasCancelledIsNotComputed() throws Exception {
        Gate gate = Gate.shut();
        AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1000);
        Batching options = SMALL.deadline(Duration.ofNanos(5000)).listener(gate);
        try (Batcher batcher = Batcher.of(MODEL, options, clock::get)) {
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
        try (Batcher batcher = Batcher.of(MODEL, SMALL.listener(gate))) {
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
        try (Batcher batcher = Batcher.of(MODEL, SMALL.listener(gate))) {
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
        try (Batcher batcher = Batcher.of(MODEL, SMALL)) {
            assertAnswers(batcher.predict(samples(1, 1)), samples(1, 1));
        }
        assertThat(Thread.interrupted()).isTrue();
    }

    /** A caller who waits for several in his order wakes up once. */
    @Test
    void theLastOfABatchIsAnsweredFirst() throws Exception {
        Gate gate = Gate.shut();
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        try (Batcher batcher = Batcher.of(MODEL, SMALL.listener(gate))) {
            batcher.submit(samples(1, 0));
            gate.awaitHeld();
            for (int i = 0; i < 3; i++) {
                int number = i;
                batcher.submit(samples(1, i)).thenRun(() -> order.add(number));
            }
            gate.release();
        }
        assertThat(order).containsExactly(2, 1, 0);
    }

    @Test
    void closingAnswersWhatWaits() throws Exception {
        Gate gate = Gate.shut();
        Batcher batcher = Batcher.of(MODEL, SMALL.maxDelay(Duration.ofDays(1)).listener(gate));
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
        assertThat(MODEL.predict(samples(1, 1)).shape()).isEqualTo(Shape.of(1, 3));
    }

    @Test
    void closingNowRefusesWhatWaits() throws Exception {
        Gate gate = Gate.shut();
        Batcher batcher = Batcher.of(MODEL, SMALL.listener(gate));
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
    void requestsOfOtherLengthsAndSeveralInputsAndOutputs() throws Exception {
        Gate gate = Gate.shut();
        Seq net = Seq.of(gru(5), output("states"), input("scale"), layer("twice()", (scope, x) -> x.mul(2)));
        try (Model model = Model.of(net, Input.floats("x", 6, 2).varies(0, "T"), Input.floats("scale", 1));
                Batcher batcher = Batcher.of(model, SMALL.listener(gate))) {
            List<Tensors> given = new ArrayList<>();
            List<CompletableFuture<Tensors>> answers = new ArrayList<>();
            for (int length : new int[] {6, 3, 6, 3, 1}) {
                given.add(Tensors.of("x", Tensor.full(0.1f * given.size(), 2, length, 2))
                        .with("scale", Tensor.full(given.size(), 2, 1)));
                answers.add(batcher.submit(given.get(given.size() - 1)));
                if (answers.size() == 1) {
                    gate.awaitHeld();
                }
            }
            gate.release();
            for (int i = 0; i < given.size(); i++) {
                Tensors alone = model.predict(given.get(i));
                assertThat(answers.get(i).join().names()).isEqualTo(alone.names());
                assertThat(answers.get(i).join().get("output")).isEqualTo(alone.get("output"));
                float[] states = answers.get(i).join().get("states").floats();
                for (int j = 0; j < states.length; j++) {
                    assertThat(states[j]).isCloseTo(alone.get("states").floats()[j], within(1e-5f));
                }
            }
            assertThat(gate.batches).containsExactly(2, 4, 2, 2);
            CompletableFuture<Tensors> missing = batcher.submit(Tensors.of("x", Tensor.zeros(1, 6, 2)));
            assertThatThrownBy(missing::join).hasMessageContaining("'scale' is missing");
        }
    }

    @Test
    void aSizeThatALayerDoesNotTakeFailsAndKeepsNobodyWaiting() {
        Gate gate = Gate.open();
        try (Model pooled = Model.of(maxPool(2), Input.floats("x", 1, 8, 8).varies(1, "H"));
                Batcher batcher = Batcher.of(pooled, SMALL.listener(gate))) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> batcher.predict(Tensor.zeros(1, 1, 1, 8)))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(
                                () -> batcher.submit(Tensor.zeros(1, 1, 1, 8)).join())
                        .hasCauseInstanceOf(IllegalArgumentException.class);
            }
            assertThat(gate.count(Refusal.FAILED)).isEqualTo(6);
            assertThat(batcher.predict(Tensor.zeros(1, 1, 4, 8)).shape()).isEqualTo(Shape.of(1, 1, 2, 4));
        }
    }

    @Test
    void whereALayerMixesSamplesEachRequestIsABatch() throws Exception {
        Gate gate = Gate.shut();
        try (Model model = Model.of((scope, x) -> x.sub(x.mean(0)), 2);
                Batcher batcher = Batcher.of(model, SMALL.listener(gate))) {
            Tensor given = Tensor.vector(1, 2, 3, 6).reshape(2, 2);
            CompletableFuture<Tensor> first = batcher.submit(given);
            gate.awaitHeld();
            CompletableFuture<Tensor> second = batcher.submit(given);
            CompletableFuture<Tensor> third = batcher.submit(Tensor.vector(5, 5).reshape(1, 2));
            gate.release();
            assertThat(first.join().floats()).containsExactly(-1, -2, 1, 2);
            assertThat(second.join().floats()).containsExactly(-1, -2, 1, 2);
            assertThat(third.join().floats()).containsExactly(0, 0);
            assertThat(gate.batches).containsExactly(2, 2, 1);
            assertThatThrownBy(() -> batcher.call(Tensors.of(given), new float[4]))
                    .hasMessageContaining("mixes the samples of a batch");
        }
    }

    @Test
    void aCallReadsAndWritesTheArraysOfItsCaller() throws Exception {
        Gate gate = Gate.shut();
        try (Batcher batcher = Batcher.of(MODEL, SMALL.listener(gate))) {
            Tensor given = samples(2, 0);
            float[] results = new float[6];
            Call call = batcher.call(Tensors.of(given), results);
            CompletableFuture<Tensor> first = batcher.submit(samples(1, 9));
            gate.awaitHeld();
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(call::run);
            while (batcher.waiting() == 0) {
                Thread.onSpinWait();
            }
            assertThatThrownBy(call::run).isInstanceOf(IllegalStateException.class);
            gate.release();
            waiting.join();
            assertAnswers(first.join(), samples(1, 9));
            assertAnswers(Tensor.of(results, 2, 3), given);
            System.arraycopy(samples(2, 5).floats(), 0, given.floats(), 0, 8);
            call.run();
            assertAnswers(Tensor.of(results, 2, 3), samples(2, 5));

            FloatBuffer direct =
                    java.nio.ByteBuffer.allocateDirect(40).asFloatBuffer().position(2);
            batcher.call(Tensors.of(given), direct.duplicate().limit(8), Terms.of(Priority.HIGH))
                    .run();
            float[] read = new float[6];
            direct.get(read);
            assertThat(read).isEqualTo(results);
            given.floats()[3] = Float.NaN;
            assertThatThrownBy(call::run).isInstanceOf(ValueException.class);
            assertThatThrownBy(() -> batcher.call(Tensors.of(given), new float[5]))
                    .hasMessage("part: the results 2×3 take 6 numbers, but the buffer has room for 5");
            assertThatThrownBy(() -> batcher.call(
                            Tensors.of(given), FloatBuffer.allocate(6).asReadOnlyBuffer(), Terms.of(Priority.LOW)))
                    .hasMessageContaining("read-only");
        }
    }

    @Test
    void aPredictorTakesAndGivesArraysOrWhatTheyAreMadeOf() {
        try (Batcher batcher = Batcher.of(MODEL, SMALL)) {
            Predictor<float[], float[]> predictor = Predictor.of(batcher, 4);
            Tensor sample = samples(1, 5);
            assertThat(predictor.predict(sample.floats()))
                    .isEqualTo(MODEL.predict(sample).floats());
            Predictor<Tensor, Integer> sizes = predictor.map(Tensor::floats, scores -> scores.length);
            assertThat(sizes.predict(sample)).isEqualTo(3);
            assertThat(sizes.submit(sample).join()).isEqualTo(3);
            assertThatThrownBy(() -> predictor.predict(new float[5]))
                    .hasMessage("predict: a sample of 1×4 has 4 elements but the array has 5");
            assertThatThrownBy(() -> predictor.submit(new float[5])).isInstanceOf(IllegalArgumentException.class);
        }
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

    @Test
    void whatAListenerThrowsGoesNoFurther() {
        ServingListener failing = new ServingListener() {
            @Override
            public void computed(int requests, int samples, long computeNanos) {
                throw new AssertionError("listener");
            }
        };
        try (Batcher batcher = Batcher.of(MODEL, SMALL.listener(failing))) {
            assertAnswers(batcher.submit(samples(1, 0)).join(), samples(1, 0));
            assertAnswers(batcher.predict(samples(1, 1)), samples(1, 1));
        }
    }

    /** Neither a graph, nor a program, nor memory. */
    @Test
    void noRequestMakesWhatWarmingUpMade() {
        AtomicLong built = new AtomicLong();
        Layer counted = (scope, x) -> {
            built.incrementAndGet();
            return x.relu();
        };
        try (Model model = Model.of(Seq.of(linear(16), counted, linear(3)), 4);
                Batcher batcher =
                        Batcher.of(model, SMALL.workers(2).threadsPerWorker(1)).warmUp()) {
            long before = built.get();
            ModelMemory memory = batcher.memory();
            for (int rows = 1; rows <= 8; rows++) {
                batcher.submit(samples(rows, rows)).join();
                batcher.predict(samples(rows, rows));
            }
            assertThat(built).hasValue(before);
            assertThat(batcher.memory()).isEqualTo(memory);
        }
    }
}
