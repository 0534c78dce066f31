package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.linear;
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
class FairSemaphoreTest {
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
        FairSemaphore semaphore = new FairSemaphore(3);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicLong all = new AtomicLong();
        AtomicInteger[] permits = {new AtomicInteger(), new AtomicInteger(), new AtomicInteger()};
        AtomicLong wrong = new AtomicLong();
        parallel(20, () -> {
            for (int i = 0; i < 2000; i++) {
                semaphore.run(permit -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    permits[permit].incrementAndGet();
                    all.incrementAndGet();
                    wrong.addAndGet(permits[permit].decrementAndGet());
                    now.decrementAndGet();
                });
            }
        });
        assertThat(most.get()).isBetween(1, 3);
        assertThat(all.get()).isEqualTo(40_000);
        assertThat(wrong.get()).isZero();
    }

    /** While others come back as fast as they can, whoever waits is served before they have had a thousand permits more. */
    @Test
    void whoWaitsIsServed() throws InterruptedException {
        FairSemaphore semaphore = new FairSemaphore(2);
        int callers = 40;
        AtomicLong[] counts = new AtomicLong[callers];
        AtomicInteger next = new AtomicInteger();
        long end = System.nanoTime() + 1_000_000_000L;
        parallel(callers, () -> {
            AtomicLong own = new AtomicLong();
            counts[next.getAndIncrement()] = own;
            while (System.nanoTime() < end) {
                semaphore.run(permit -> own.incrementAndGet());
            }
        });
        for (AtomicLong count : counts) {
            assertThat(count.get()).isGreaterThan(1);
        }
    }

    /** A permit that is free is had by somebody, although those who had it before do not come back, nor anybody else. */
    @Test
    void noSeatStaysFreeWhileSomebodyWaits() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            FairSemaphore semaphore = new FairSemaphore(2);
            CountDownLatch both = new CountDownLatch(2);
            parallel(
                    8,
                    () -> semaphore.run(permit -> {
                        both.countDown();
                        await(both);
                    }));
        }
    }

    @Test
    void whatFailsInAnotherThreadIsThrownWhereItWasWanted() throws InterruptedException {
        FairSemaphore semaphore = new FairSemaphore(1);
        Queue<String> thrown = new ConcurrentLinkedQueue<>();
        AtomicInteger next = new AtomicInteger();
        parallel(16, () -> {
            String name = "failure " + next.getAndIncrement();
            for (int i = 0; i < 1000; i++) {
                try {
                    semaphore.run(permit -> {
                        throw new IllegalArgumentException(name);
                    });
                    thrown.add("nothing");
                } catch (IllegalArgumentException e) {
                    if (!name.equals(e.getMessage())) {
                        thrown.add(name + " was " + e.getMessage());
                    }
                }
            }
        });
        assertThat(thrown).isEmpty();
    }

    @Test
    void closingWaitsForTurnsAndRefusesOthers() throws InterruptedException {
        FairSemaphore semaphore = new FairSemaphore(1);
        CountDownLatch leave = new CountDownLatch(1);
        occupy(semaphore, leave, () -> {});
        Queue<String> refused = new ConcurrentLinkedQueue<>();
        List<Thread> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiting.add(new Thread(() -> {
                try {
                    semaphore.run(permit -> refused.add("not refused"));
                } catch (IllegalStateException e) {
                    refused.add(String.valueOf(e.getMessage()));
                }
            }));
        }
        waiting.forEach(Thread::start);
        Thread.sleep(20);
        CountDownLatch closed = new CountDownLatch(1);
        Thread closing = new Thread(() -> {
            semaphore.close();
            closed.countDown();
        });
        closing.start();
        for (Thread thread : waiting) {
            thread.join();
        }
        assertThat(refused).hasSize(3).containsOnly("the model is closed");
        assertThat(closed.getCount()).isEqualTo(1);
        leave.countDown();
        closed.await();
        assertThatThrownBy(() -> semaphore.run(permit -> refused.add("not refused")))
                .hasMessage("the model is closed");
    }

    @Test
    void anInterruptedThreadGetsItsTurnAndStaysInterrupted() throws InterruptedException {
        FairSemaphore semaphore = new FairSemaphore(1);
        CountDownLatch leave = new CountDownLatch(1);
        occupy(semaphore, leave, () -> {});
        AtomicInteger interrupted = new AtomicInteger();
        Thread waiting = new Thread(() -> {
            Thread.currentThread().interrupt();
            semaphore.run(permit -> {});
            interrupted.set(Thread.currentThread().isInterrupted() ? 1 : -1);
        });
        waiting.start();
        Thread.sleep(50);
        leave.countDown();
        waiting.join();
        assertThat(interrupted.get()).isEqualTo(1);
    }

    /** Takes a permit in a thread of its own until it is let go, and then does something else. */
    private static Thread occupy(FairSemaphore semaphore, CountDownLatch leave, Runnable last)
            throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        Thread computing = new Thread(() -> {
            try {
                semaphore.run(permit -> {
                    inside.countDown();
                    await(leave);
                    last.run();
                });
            } catch (UnsupportedOperationException e) {
                // As it was told to.
            }
        });
        computing.start();
        inside.await();
        return computing;
    }

    /** Who is done computes for who waits; who fails does not: it may be that nothing can be computed in its thread. */
    @Test
    void whoFailsComputesForNobody() throws InterruptedException {
        assertThat(whoComputesBehind(() -> {})).startsWith("Thread");
        assertThat(whoComputesBehind(() -> {
                    throw new UnsupportedOperationException();
                }))
                .isEqualTo("waiting");
    }

    private static String whoComputesBehind(Runnable last) throws InterruptedException {
        FairSemaphore semaphore = new FairSemaphore(1);
        CountDownLatch leave = new CountDownLatch(1);
        Thread computing = occupy(semaphore, leave, last);
        Queue<String> names = new ConcurrentLinkedQueue<>();
        Thread waiting = new Thread(
                () -> semaphore.run(permit -> names.add(Thread.currentThread().getName())), "waiting");
        waiting.start();
        while (waiting.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        leave.countDown();
        computing.join();
        waiting.join();
        return names.remove();
    }

    /** Threads that call themselves by one number, or by none, do not share a permit. */
    @Test
    void threadsOfOneNumberHaveSeatsOfTheirOwn() throws InterruptedException {
        FairSemaphore semaphore = new FairSemaphore(2);
        AtomicInteger[] permits = {new AtomicInteger(), new AtomicInteger()};
        AtomicInteger shared = new AtomicInteger();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(new Thread() {
                @Override
                public long getId() {
                    return 0;
                }

                @Override
                public void run() {
                    for (int i = 0; i < 2000; i++) {
                        semaphore.run(permit -> {
                            shared.addAndGet(permits[permit].getAndIncrement());
                            Thread.onSpinWait();
                            permits[permit].decrementAndGet();
                        });
                    }
                }
            });
        }
        all.forEach(Thread::start);
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(shared.get()).isZero();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
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
