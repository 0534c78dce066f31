package dev.fluxion.serving;

import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.gru;
import static dev.fluxion.dsl.layer.Layers.input;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.output;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Requests of many callers: every one has its own answer, or the reason why there is none. */
class BatcherTest extends OneNet {
    @Test
    void requestsThatWaitAreComputedTogether() throws Exception {
        Gate gate = Gate.shut();
        try (Batcher batcher = Batcher.of(net, SMALL.listener(gate))) {
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
        try (Batcher batcher = Batcher.of(net, SMALL.listener(gate))) {
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

    /** A caller who waits for several in his order wakes up once. */
    @Test
    void theLastOfABatchIsAnsweredFirst() throws Exception {
        Gate gate = Gate.shut();
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        try (Batcher batcher = Batcher.of(net, SMALL.listener(gate))) {
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
        try (Batcher batcher = Batcher.of(net, SMALL.listener(gate))) {
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
        try (Batcher batcher = Batcher.of(net, SMALL)) {
            Predictor<float[], float[]> predictor = Predictor.of(batcher, 4);
            Tensor sample = samples(1, 5);
            assertThat(predictor.predict(sample.floats()))
                    .isEqualTo(net.predict(sample).floats());
            Predictor<Tensor, Integer> sizes = predictor.map(Tensor::floats, scores -> scores.length);
            assertThat(sizes.predict(sample)).isEqualTo(3);
            assertThat(sizes.submit(sample).join()).isEqualTo(3);
            assertThatThrownBy(() -> predictor.predict(new float[5]))
                    .hasMessage("predict: a sample of 1×4 has 4 elements but the array has 5");
            assertThatThrownBy(() -> predictor.submit(new float[5])).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void whatAListenerThrowsGoesNoFurther() {
        ServingListener failing = new ServingListener() {
            @Override
            public void computed(int requests, int samples, long computeNanos) {
                throw new AssertionError("listener");
            }
        };
        try (Batcher batcher = Batcher.of(net, SMALL.listener(failing))) {
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
