package dev.fluxion.serving.protocol;

import static dev.fluxion.dsl.layer.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.serving.Batcher;
import dev.fluxion.serving.Priority;
import dev.fluxion.serving.Terms;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What has come to an event loop at one time is asked at one time. */
class RushTest {
    @Test
    void whatHasComeIsAskedWhenAllIsReadAndWhatComesMeanwhileNextTime() {
        Deque<Runnable> tasks = new ArrayDeque<>();
        Rush rush = new Rush(tasks::add);
        List<String> asked = new ArrayList<>();
        rush.add(() -> asked.add("one"));
        rush.add(() -> {
            asked.add("two");
            rush.add(() -> asked.add("four"));
        });
        rush.add(() -> asked.add("three"));
        assertThat(asked).isEmpty();
        run(tasks);
        assertThat(asked).containsExactly("one", "two", "three", "four");
    }

    @Test
    void aRequestDoesNotWaitForOthersThatTakeLongToRead() {
        Deque<Runnable> tasks = new ArrayDeque<>();
        AtomicLong clock = new AtomicLong();
        Rush rush = new Rush(tasks::add, () -> clock.getAndAdd(1_000_000));
        CountDownLatch answered = new CountDownLatch(1);
        boolean[] meanwhile = {false};
        try (Model model = Model.of(linear(3), 4);
                Batcher batcher = Batcher.of(model)) {
            Terms terms = Terms.of(Priority.NORMAL).in(rush.burst());
            rush.add(() -> batcher.submit(Tensor.zeros(1, 4), terms).thenRun(answered::countDown));
            rush.add(() -> meanwhile[0] = hold(answered));
            run(tasks);
        }
        assertThat(meanwhile).containsExactly(true);
    }

    private static void run(Deque<Runnable> tasks) {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    private static boolean hold(CountDownLatch until) {
        try {
            return until.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
