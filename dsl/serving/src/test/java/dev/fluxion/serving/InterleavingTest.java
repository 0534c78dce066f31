package dev.fluxion.serving;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.ValueException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Callers that ask, cancel, are interrupted and lose patience while the batcher is closed: each request has one outcome. */
class InterleavingTest {
    /** {@code -Dfluxion.interleavings=2000} tries more. */
    private static final int ROUNDS = Integer.getInteger("fluxion.interleavings", 200);

    private static final List<Priority> PRIORITIES = List.of(Priority.values());
    private static final int CALLERS = 3;
    private static final int QUESTIONS = 8;
    private static final int REQUESTS = 12;

    private final Tensor[] questions = new Tensor[QUESTIONS];
    private final float[][] answers = new float[QUESTIONS][];

    @Test
    void everyRequestHasOneOutcomeAndEveryAnswerIsItsOwn() throws Exception {
        try (Model model = Model.of(Seq.of(linear(8), relu(), linear(3)), 4)) {
            ask(model);
            Map<Refusal, Integer> refusals = new EnumMap<>(Refusal.class);
            int answered = 0;
            for (int round = 0; round < ROUNDS; round++) {
                Round one = new Round(model, round);
                one.run();
                answered += one.right.get();
                one.counts.forEach((why, count) -> refusals.merge(why, count.get(), Integer::sum));
            }
            assertThat(answered).isPositive();
            assertThat(refusals).containsKeys(Refusal.FULL, Refusal.CLOSED, Refusal.INVALID);
        }
    }

    private void ask(Model model) {
        try (Batcher batcher = Batcher.of(model, Batching.defaults().batchInvariant(4))) {
            Random random = new Random(1);
            for (int i = 0; i < QUESTIONS; i++) {
                float[] values = new float[4 * (1 + i % 3)];
                for (int j = 0; j < values.length; j++) {
                    values[j] = (float) random.nextGaussian();
                }
                questions[i] = Tensor.of(values, 1 + i % 3, 4);
                answers[i] = batcher.predict(questions[i]).floats();
            }
        }
    }

    /** A batcher's life with some callers. */
    private final class Round implements ServingListener {
        private final int seed;
        private final Batcher batcher;
        private final AtomicInteger outcomes = new AtomicInteger();
        private final AtomicInteger asked = new AtomicInteger();
        private final AtomicInteger heard = new AtomicInteger();
        private final AtomicInteger right = new AtomicInteger();
        private final Map<Refusal, AtomicInteger> counts = new EnumMap<>(Refusal.class);

        Round(Model model, int seed) {
            this.seed = seed;
            Arrays.stream(Refusal.values()).forEach(why -> counts.put(why, new AtomicInteger()));
            this.batcher = Batcher.of(
                    model,
                    Batching.defaults()
                            .maxBatch(1 + seed % 7)
                            .maxDelay(Duration.ofNanos(seed % 3 * 20_000L))
                            .queue(4 + seed % 9)
                            .workers(1 + seed % 2)
                            .threadsPerWorker(1)
                            .batchInvariant(4)
                            .listener(this));
        }

        void run() throws Exception {
            List<CompletableFuture<Void>> callers = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Random random = new Random(seed * 100L + i);
                CompletableFuture<Void> ended = new CompletableFuture<>();
                Thread thread = new Thread(() -> {
                    try {
                        call(random);
                        ended.complete(null);
                    } catch (Throwable e) {
                        ended.completeExceptionally(e);
                    }
                });
                callers.add(ended);
                threads.add(thread);
                thread.start();
            }
            Random random = new Random(seed);
            for (int i = random.nextInt(4); i > 0; i--) {
                threads.get(random.nextInt(CALLERS)).interrupt();
                Thread.onSpinWait();
            }
            for (int i = random.nextInt(2000); i > 0; i--) {
                Thread.onSpinWait();
            }
            if (random.nextBoolean()) {
                batcher.closeNow();
            } else {
                batcher.close();
            }
            for (CompletableFuture<Void> caller : callers) {
                caller.get(30, TimeUnit.SECONDS);
            }
            assertThat(outcomes).hasValue(CALLERS * REQUESTS);
            assertThat(asked).hasValue(CALLERS * REQUESTS);
            assertThat(heard).hasValue(CALLERS * REQUESTS);
            assertThat(batcher.waiting()).isZero();
            assertThat(batcher.status()).isEqualTo(new Status(false, false, false));
        }

        private void call(Random random) throws Exception {
            List<CompletableFuture<Tensor>> futures = new ArrayList<>();
            List<Integer> asked = new ArrayList<>();
            float[] into = new float[3];
            Call call = batcher.call(Tensors.of(questions[0]), into);
            Burst burst = new Burst();
            for (int i = 0; i < REQUESTS; i++) {
                int question = random.nextInt(QUESTIONS);
                Terms terms = Terms.of(PRIORITIES.get(random.nextInt(3)));
                if (random.nextInt(4) == 0) {
                    terms = terms.deadline(Duration.ofNanos(1 + random.nextInt(100_000)));
                }
                if (random.nextInt(3) == 0) {
                    burst.close();
                } else {
                    terms = terms.in(burst);
                }
                Terms given = terms;
                switch (random.nextInt(6)) {
                    case 0 ->
                        outcome(() -> check(
                                question,
                                batcher.predict(questions[question], given).floats()));
                    case 1 ->
                        outcome(() -> {
                            call.run();
                            check(0, into.clone());
                        });
                    case 2 -> outcome(() -> batcher.predict(Tensor.full(Float.NaN, 1, 4), given));
                    default -> {
                        CompletableFuture<Tensor> future = batcher.submit(questions[question], given);
                        if (random.nextInt(4) == 0) {
                            future.cancel(true);
                        }
                        futures.add(future);
                        asked.add(question);
                    }
                }
            }
            burst.close();
            for (int i = 0; i < futures.size(); i++) {
                CompletableFuture<Tensor> future = futures.get(i);
                int question = asked.get(i);
                boolean interrupted = Thread.interrupted();
                outcome(() -> check(question, joined(future).floats()));
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        private Tensor joined(CompletableFuture<Tensor> future) {
            try {
                return future.orTimeout(30, TimeUnit.SECONDS).join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RefusedException refused ? refused : e;
            }
        }

        private void check(int question, float[] answer) {
            assertThat(answer).isEqualTo(answers[question]);
            right.incrementAndGet();
        }

        private void outcome(Runnable request) {
            try {
                request.run();
            } catch (RefusedException | CancellationException | ValueException expected) {
                // One of the outcomes that there may be.
            }
            outcomes.incrementAndGet();
        }

        @Override
        public void asked() {
            asked.incrementAndGet();
        }

        @Override
        public void answered(int samples, long queueNanos, long computeNanos) {
            heard.incrementAndGet();
        }

        @Override
        public void refused(Refusal why) {
            heard.incrementAndGet();
            Objects.requireNonNull(counts.get(why)).incrementAndGet();
        }
    }
}
