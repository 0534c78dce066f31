package dev.fluxion.serving;

import static dev.fluxion.dsl.layer.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.train.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models that are loaded, replaced and unloaded while requests come. */
class ModelsTest {
    /** {@code -Dfluxion.swaps=200} replaces more often. */
    private static final int SWAPS = Integer.getInteger("fluxion.swaps", 20);

    private static final Tensor SAMPLE = Tensor.vector(1, 2).reshape(1, 2);
    private static final Batching ONE =
            Batching.defaults().workers(1).maxBatch(4).batchInvariant(2);

    private final List<Model> made = new ArrayList<>();

    /** A model whose two results are its number. */
    private Source source(int number) {
        return Source.of(() -> {
                    Model model = Model.of((scope, x) -> x.mul(0).add(number), 2);
                    made.add(model);
                    return model;
                })
                .batching(ONE);
    }

    private static Models models() {
        return Models.of(Limits.none());
    }

    private static float answer(Service service) {
        Tensor answer = service.predict(SAMPLE);
        assertThat(answer.floats()[0]).isEqualTo(answer.floats()[1]);
        return answer.floats()[0];
    }

    @Test
    void theFirstVersionServesUntilAnotherOneIsChosen() {
        try (Models models = models()) {
            models.load("digits", "1", source(1));
            models.load("digits", "2", source(2));
            Service digits = models.service("digits");
            assertThat(answer(digits)).isEqualTo(1);
            assertThat(answer(models.service("digits", "2"))).isEqualTo(2);
            models.serve("digits", "2");
            assertThat(answer(digits)).isEqualTo(2);
            assertThat(digits.predict(Tensors.of(SAMPLE)).get("output"))
                    .isEqualTo(Tensor.vector(2, 2).reshape(1, 2));
            assertThat(digits.submit(SAMPLE).join().floats()[0]).isEqualTo(2);
            assertThat(digits.submit(Tensors.of(SAMPLE)).join().only().floats()[0])
                    .isEqualTo(2);
            assertThat(models.list())
                    .extracting(Models.Loaded::version, Models.Loaded::percent)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("1", 0), org.assertj.core.groups.Tuple.tuple("2", 100));
            assertThat(models.list())
                    .allMatch(loaded -> loaded.bytes() > 0 && loaded.name().equals("digits"));
            assertThat(models.status()).isEqualTo(new Status(true, true, false));
        }
    }

    @Test
    void someOfAHundredRequestsGoToTheCanaryEvenlySpread() {
        try (Models models = models()) {
            models.load("digits", "1", source(1));
            models.load("digits", "2", source(2));
            Service digits = models.service("digits");
            for (int percent : new int[] {0, 5, 50, 99, 100}) {
                models.canary("digits", "2", percent);
                List<Float> answers =
                        IntStream.range(0, 200).mapToObj(i -> answer(digits)).toList();
                Map<Float, Long> counts =
                        answers.stream().collect(Collectors.groupingBy(a -> a, Collectors.counting()));
                assertThat(counts.getOrDefault(2f, 0L)).isEqualTo(2L * percent);
                if (percent == 50) {
                    assertThat(answers.subList(0, 20)).filteredOn(a -> a == 2).hasSizeBetween(8, 12);
                }
            }
            models.canary("digits", "2", 30);
            models.unload("digits", "2");
            assertThat(models.list()).extracting(Models.Loaded::percent).containsExactly(100);
            assertThatThrownBy(() -> models.canary("digits", "2", 5))
                    .hasMessage("canary: version 2 of 'digits' is not loaded; loaded are [digits 1]");
            assertThatThrownBy(() -> models.canary("digits", "1", 101))
                    .hasMessage("canary: percent must be from 0 to 100 but is 101");
        }
    }

    @Test
    void replacingUnderLoadLosesNoRequestAndMixesNone() throws Exception {
        try (Models models = models()) {
            models.load("digits", "0", source(0));
            Service digits = models.service("digits");
            AtomicBoolean stop = new AtomicBoolean();
            AtomicInteger newest = new AtomicInteger();
            List<CompletableFuture<Integer>> callers = IntStream.range(0, 3)
                    .mapToObj(caller -> CompletableFuture.supplyAsync(
                            () -> ask(digits, caller, stop, newest), task -> new Thread(task).start()))
                    .toList();
            for (int swap = 1; swap <= SWAPS; swap++) {
                models.replace("digits", "" + swap, source(swap));
                newest.set(swap);
            }
            stop.set(true);
            for (CompletableFuture<Integer> caller : callers) {
                assertThat(caller.get()).isPositive();
            }
            assertThat(made.subList(0, SWAPS)).allSatisfy(ModelsTest::assertClosed);
            assertThat(models.list()).extracting(Models.Loaded::version).containsExactly("" + SWAPS);
        }
        assertThat(made).allSatisfy(ModelsTest::assertClosed);
    }

    /** Asks until told to stop; answers never go back. */
    private static int ask(Service digits, int caller, AtomicBoolean stop, AtomicInteger newest) {
        Tensor samples = Tensor.zeros(1 + caller, 2);
        int asked = 0;
        while (!stop.get()) {
            int least = newest.get();
            Tensor answer = caller == 0
                    ? digits.predict(samples)
                    : digits.submit(samples).join();
            float first = answer.floats()[0];
            for (float number : answer.floats()) {
                assertThat(number).isEqualTo(first);
            }
            assertThat(first).isGreaterThanOrEqualTo(least);
            asked++;
        }
        return asked;
    }

    private static void assertClosed(Model model) {
        assertThatThrownBy(() -> model.predict(SAMPLE)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aVersionThatIsUnloadedAnswersWhatItHas() throws Exception {
        Gate held = Gate.shut();
        try (Models models = models()) {
            models.load("digits", "1", source(1).batching(ONE.listener(held)));
            Service digits = models.service("digits");
            CompletableFuture<Tensor> first = digits.submit(SAMPLE);
            held.awaitHeld();
            CompletableFuture<Tensor> second = digits.submit(SAMPLE);
            CompletableFuture<Void> closing = CompletableFuture.runAsync(models::close);
            while (models.status().ready()) {
                Thread.onSpinWait();
            }
            Status draining = models.status();
            CompletableFuture<Tensor> refused = digits.submit(SAMPLE);
            while (!refused.handle((answer, failure) -> String.valueOf(failure))
                    .getNow("")
                    .contains("no version")) {
                refused = digits.submit(SAMPLE);
            }
            boolean early = closing.isDone();
            held.release();
            closing.join();
            assertThat(early).isFalse();
            assertThat(draining).isEqualTo(new Status(true, false, true));
            assertThatThrownBy(refused::join)
                    .isInstanceOf(CompletionException.class)
                    .hasMessageContaining("no version of 'digits' is served");
            assertThat(first.join().floats()).containsExactly(1, 1);
            assertThat(second.join().floats()).containsExactly(1, 1);
            assertThat(models.status()).isEqualTo(new Status(true, false, false));
            assertThatThrownBy(() -> models.load("digits", "2", source(2))).hasMessage("the models are closed");
        }
    }

    @Test
    void aVersionTellsWhatItIsAndWhatItHasDone() {
        try (Models models = models()) {
            models.load("digits", "1", source(1));
            String version = models.with("digits", served -> {
                assertThat(served.service().predict(SAMPLE).floats()[0]).isEqualTo(1);
                assertThat(served.signature().inputs()).hasSize(1);
                return served.version();
            });
            assertThat(version).isEqualTo("1");
            assertThatThrownBy(() -> models.service("digits").predict(Tensor.zeros(1, 9)))
                    .isInstanceOf(IllegalArgumentException.class);
            Statistics done = models.statistics("digits", "1");
            assertThat(done.answered()).isEqualTo(1);
            assertThat(done.samples()).isEqualTo(1);
            assertThat(done.refused()).containsEntry(Refusal.INVALID, 1L).containsEntry(Refusal.FULL, 0L);
            assertThat(done.batches().get(1).count()).isEqualTo(1);
            assertThat(done.last()).isAfter(java.time.Instant.EPOCH);
            models.replace("digits", "1", source(5));
            assertThat(answer(models.service("digits"))).isEqualTo(5);
            assertThat(models.list()).hasSize(1);
            assertThat(models.statistics("digits", "1").answered()).isEqualTo(1);
            assertThatThrownBy(() -> models.with("digits", "2", Served::version))
                    .hasMessageContaining("with: version 2 of 'digits' is not loaded");
            models.unload("digits", "1");
            assertThatThrownBy(() -> models.with("digits", Served::version)).isInstanceOf(RefusedException.class);
        }
    }

    @Test
    void whatCannotBeLoadedChangesNothing() {
        try (Models models = models()) {
            models.load("digits", "1", source(1));
            assertThatThrownBy(() -> models.load("digits", "1", source(9)))
                    .hasMessage(
                            "load: version 1 of 'digits' is loaded already; unload it first, or give it another number");
            assertThatThrownBy(() -> models.load("", "1", source(9))).hasMessage("load: the name must not be empty");
            assertThatThrownBy(() -> models.load("digits", " ", source(9)))
                    .hasMessage("load: the version must not be empty");
            assertThatThrownBy(() -> models.replace("digits", "2", Source.of(() -> {
                        throw new IllegalStateException("no such file");
                    })))
                    .hasMessage("no such file");
            Source fails = Source.of(() -> {
                Model closed = Model.of(linear(2), 2);
                closed.close();
                return closed;
            });
            assertThatThrownBy(() -> models.replace("digits", "2", fails)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> models.service("letters"))
                    .hasMessage("no model is called 'letters'; there are [digits]");
            assertThatThrownBy(() -> models.unload("digits", "3")).hasMessageContaining("loaded are [digits 1]");
            assertThat(answer(models.service("digits"))).isEqualTo(1);
            assertThat(models.list()).hasSize(1);
            Service only = models.service("digits", "1");
            models.unload("digits", "1");
            assertThat(models.status().ready()).isFalse();
            assertThatThrownBy(() -> answer(only)).isInstanceOf(RefusedException.class);
            assertThatThrownBy(() -> answer(models.service("digits"))).hasMessage("no version of 'digits' is served");
        }
    }

    /** A server that an operator took a model from would get no requests for the others. */
    @Test
    void aNameThatIsUnloadedAsAWholeIsNotMissed() {
        try (Models models = models()) {
            models.load("digits", "1", source(1));
            models.load("letters", "1", source(2));
            models.load("letters", "2", source(3));
            models.canary("letters", "2", 5);
            models.unload("letters");
            assertThat(models.list()).extracting(Models.Loaded::name).containsExactly("digits");
            assertThat(models.status().ready()).isTrue();
            assertThatThrownBy(() -> answer(models.service("letters"))).hasMessage("no version of 'letters' is served");
            assertThatThrownBy(() -> models.unload("letters"))
                    .hasMessage("unload: no version of 'letters' is loaded; loaded are [digits 1]");
            models.load("letters", "3", source(4));
            assertThat(answer(models.service("letters"))).isEqualTo(4);
            models.unload("letters", "3");
            assertThat(models.status().ready()).isFalse();
        }
    }

    @Test
    void aModelIsLoadedFromItsFile(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("digits.fluxion");
        Tensor answer;
        try (Model model = Model.of(linear(3), 2)) {
            model.export(file);
            answer = model.predict(SAMPLE);
        }
        try (Models models = models()) {
            models.load("digits", "1", Source.of(file));
            assertThat(models.service("digits").predict(SAMPLE)).isEqualTo(answer);
            Source missing = Source.of(folder.resolve("letters.fluxion"));
            assertThatThrownBy(() -> models.replace("digits", "2", missing)).isInstanceOf(UncheckedIOException.class);
            assertThat(models.service("digits").submit(SAMPLE).join()).isEqualTo(answer);
        }
    }

    private static Source large(int rows) {
        return Source.of(() -> Model.of(linear(rows), 100)).batching(ONE);
    }

    @Test
    void memoryIsLimitedAndIdleVersionsMakeRoomIfTheyMay() {
        long one;
        try (Models models = models()) {
            models.load("a", "1", large(1000));
            one = models.list().get(0).bytes();
        }
        try (Models models = Models.of(Limits.of(5 * one / 2))) {
            models.load("a", "1", large(1000));
            models.load("b", "1", large(1000));
            assertThatThrownBy(() -> models.load("c", "1", large(1000)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageMatching(
                            "load: c 1 takes [0-9,]+ bytes, but of [0-9,]+ only [0-9,]+ are left; held are: a 1 [0-9,]+, b 1 [0-9,]+");
            assertThat(models.list()).hasSize(2);
            assertThatThrownBy(() -> models.service("c")).isInstanceOf(IllegalArgumentException.class);
        }
        try (Models models = Models.of(Limits.of(5 * one / 2).evictIdle(Duration.ZERO))) {
            models.load("a", "1", large(1000));
            models.load("b", "1", large(1000));
            models.service("a").predict(Tensor.zeros(1, 100));
            models.load("c", "1", large(1000));
            assertThat(models.list()).extracting(Models.Loaded::name).containsExactly("a", "c");
            assertThatThrownBy(() -> models.service("b").predict(Tensor.zeros(1, 100)))
                    .hasMessage("no version of 'b' is served");
            assertThat(models.status().ready()).isTrue();
            assertThatThrownBy(() -> models.load("d", "1", large(3000))).isInstanceOf(IllegalStateException.class);
            assertThat(models.list()).extracting(Models.Loaded::name).containsExactly("a", "c");
        }
    }

    /** The one that is replaced still computes its last request. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whatReplacesAVersionOfItsNumberIsFoundAtOnce() throws Exception {
        Gate gate = Gate.shut();
        try (Models models = models()) {
            models.load("a", "1", source(1).batching(ONE.listener(gate)));
            CompletableFuture<Tensor> last = models.service("a").submit(SAMPLE);
            gate.awaitHeld();
            CompletableFuture<Void> replacing = CompletableFuture.runAsync(() -> models.replace("a", "1", source(2)));
            try {
                while (!isAnswered(models.service("a"))) {
                    Thread.sleep(1);
                }
                assertThat(answer(models.service("a", "1"))).isEqualTo(2);
                assertThat(models.statistics("a", "1").answered()).isPositive();
                assertThat(models.list()).extracting(Models.Loaded::percent).containsExactly(100);
                assertThat(models.status()).isEqualTo(new Status(true, true, false));
            } finally {
                gate.release();
            }
            replacing.join();
            assertThat(last.join().floats()[0]).isEqualTo(1);
        }
    }

    private static boolean isAnswered(Service service) {
        try {
            service.predict(SAMPLE, Terms.USUAL.deadline(Duration.ofMillis(10)));
            return true;
        } catch (RefusedException e) {
            return false;
        }
    }

    @Test
    void nobodyIsToldThatTheModelsAreNotReadyWhileTheyComeAndGo() {
        try (Models models = models()) {
            models.load("a", "1", source(1));
            CompletableFuture<Void> changes = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < SWAPS; i++) {
                    models.replace("a", "1", source(i));
                    models.load("b", "1", source(i));
                    models.load("b", "2", source(i));
                    models.unload("b");
                }
            });
            while (!changes.isDone()) {
                assertThat(models.status()).isEqualTo(new Status(true, true, false));
            }
            changes.join();
        }
    }

    /** The one that is replaced makes room by ending, for which it takes its time here. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aNameIsServedAlsoWhereWhatIsReplacedMakesRoom() throws Exception {
        long one;
        try (Models models = models()) {
            models.load("a", "1", large(1000));
            one = models.list().get(0).bytes();
        }
        Tensor sample = Tensor.zeros(1, 100);
        Gate gate = Gate.shut();
        try (Models models = Models.of(Limits.of(3 * one / 2).evictIdle(Duration.ZERO))) {
            models.load("a", "1", large(1000).batching(ONE.listener(gate)));
            models.service("a").submit(sample);
            gate.awaitHeld();
            CompletableFuture<Void> replacing = CompletableFuture.runAsync(() -> models.replace("a", "2", large(1000)));
            try {
                while (models.list().get(0).percent() == 100) {
                    Thread.sleep(1);
                }
                assertThat(models.service("a").predict(sample).shape().dim(0)).isEqualTo(1);
            } finally {
                gate.release();
            }
            replacing.join();
            assertThat(models.list()).extracting(Models.Loaded::version).containsExactly("2");
        }
    }

    @Test
    void aContinuationCannotUnloadTheModelThatRunsIt() {
        Gate gate = Gate.shut();
        try (Models models = models()) {
            models.load("digits", "1", source(1).batching(ONE.listener(gate)));
            CompletableFuture<Void> unloading =
                    models.service("digits").submit(SAMPLE).thenRun(() -> models.unload("digits", "1"));
            gate.release();
            assertThatThrownBy(unloading::join).hasMessageContaining("close the batcher in another thread");
            assertThat(answer(models.service("digits"))).isEqualTo(1);
        }
    }
}
