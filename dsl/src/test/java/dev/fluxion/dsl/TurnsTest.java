package dev.fluxion.dsl;

import static dev.fluxion.dsl.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Everybody gets a turn, and closing waits for those that have one. */
@Timeout(60)
class TurnsTest {
    private static void parallel(int threads, Runnable body) throws InterruptedException {
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            all.add(new Thread(body));
        }
        all.forEach(Thread::start);
        for (Thread thread : all) {
            thread.join();
        }
    }

    @Test
    void neverMoreThanTheMostHaveOne() throws InterruptedException {
        Turns turns = new Turns(3);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicLong all = new AtomicLong();
        parallel(20, () -> {
            for (int i = 0; i < 2000; i++) {
                turns.take();
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                all.incrementAndGet();
                now.decrementAndGet();
                turns.give(0);
            }
        });
        assertThat(most.get()).isBetween(1, 3);
        assertThat(all.get()).isEqualTo(40_000);
    }

    /** While others come back as fast as they can, whoever waits is served before they have had a thousand turns more. */
    @Test
    void whoWaitsIsServed() throws InterruptedException {
        Turns turns = new Turns(2);
        int callers = 40;
        AtomicLong[] counts = new AtomicLong[callers];
        AtomicInteger next = new AtomicInteger();
        long end = System.nanoTime() + 1_000_000_000L;
        parallel(callers, () -> {
            AtomicLong own = new AtomicLong();
            counts[next.getAndIncrement()] = own;
            while (System.nanoTime() < end) {
                turns.take();
                own.incrementAndGet();
                turns.give(0);
            }
        });
        for (AtomicLong count : counts) {
            assertThat(count.get()).isGreaterThan(1);
        }
    }

    @Test
    void closingWaitsForTurnsAndRefusesOthers() throws InterruptedException {
        Turns turns = new Turns(1);
        turns.take();
        Queue<String> refused = new ConcurrentLinkedQueue<>();
        List<Thread> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiting.add(new Thread(() -> {
                try {
                    turns.take();
                } catch (IllegalStateException e) {
                    refused.add(String.valueOf(e.getMessage()));
                }
            }));
        }
        waiting.forEach(Thread::start);
        CountDownLatch closed = new CountDownLatch(1);
        Thread closing = new Thread(() -> {
            turns.close();
            closed.countDown();
        });
        closing.start();
        for (Thread thread : waiting) {
            thread.join();
        }
        assertThat(refused).hasSize(3).containsOnly("the model is closed");
        assertThat(closed.getCount()).isEqualTo(1);
        turns.give(0);
        closed.await();
        assertThatThrownBy(turns::take).hasMessage("the model is closed");
    }

    @Test
    void anInterruptedThreadGetsItsTurnAndStaysInterrupted() throws InterruptedException {
        Turns turns = new Turns(1);
        turns.take();
        AtomicInteger interrupted = new AtomicInteger();
        Thread waiting = new Thread(() -> {
            Thread.currentThread().interrupt();
            turns.take();
            turns.give(0);
            interrupted.set(Thread.currentThread().isInterrupted() ? 1 : -1);
        });
        waiting.start();
        Thread.sleep(50);
        turns.give(0);
        waiting.join();
        assertThat(interrupted.get()).isEqualTo(1);
    }

    /** Predictions that began before the model was closed give their answer; all others are told the same. */
    @Test
    void closingAModelDrains() throws InterruptedException {
        for (int round = 0; round < 20; round++) {
            Model model = Model.of(linear(64, 64), 64).threads(2);
            Tensor x = Tensor.full(1, 3, 64);
            Tensor expected = model.predict(x);
            Queue<String> told = new ConcurrentLinkedQueue<>();
            CountDownLatch running = new CountDownLatch(8);
            Thread closing = new Thread(() -> {
                try {
                    running.await();
                } catch (InterruptedException e) {
                    told.add("interrupted");
                }
                model.close();
            });
            closing.start();
            parallel(8, () -> {
                try {
                    while (true) {
                        if (!model.predict(x).equals(expected)) {
                            told.add("another answer");
                        }
                        running.countDown();
                    }
                } catch (IllegalStateException e) {
                    told.add(String.valueOf(e.getMessage()));
                }
            });
            closing.join();
            assertThat(told).containsOnly("the model is closed").hasSize(8);
        }
    }
}
