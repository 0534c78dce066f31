package dev.fluxion.engine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.engine.plan.Step;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WorkerTeamTest {
    private static Step.Kernel[][] lanes(Step.Kernel... kernels) {
        Step.Kernel[][] lanes = new Step.Kernel[kernels.length][];
        for (int i = 0; i < kernels.length; i++) {
            lanes[i] = new Step.Kernel[] {kernels[i]};
        }
        return lanes;
    }

    @Test
    void everyLaneRunsOnceWhateverTheThreads() {
        for (int threads : new int[] {1, 2, 3, 8}) {
            WorkerTeam team = new WorkerTeam(threads);
            AtomicInteger[] runs = new AtomicInteger[5];
            Step.Kernel[] kernels = new Step.Kernel[runs.length];
            for (int i = 0; i < runs.length; i++) {
                AtomicInteger count = new AtomicInteger();
                runs[i] = count;
                kernels[i] = count::incrementAndGet;
            }
            for (int phase = 1; phase <= 2000; phase++) {
                team.run(lanes(kernels));
                for (AtomicInteger run : runs) {
                    assertThat(run.get()).as("%d threads", threads).isEqualTo(phase);
                }
            }
        }
    }

    @Test
    void theFailureOfTheFirstLaneIsToldAndTheNextRunWorks() {
        WorkerTeam team = new WorkerTeam(3);
        AtomicInteger done = new AtomicInteger();
        Step.Kernel[][] failing = lanes(
                done::incrementAndGet,
                () -> {
                    throw new IllegalStateException("one");
                },
                done::incrementAndGet,
                () -> {
                    throw new IllegalStateException("three");
                });
        for (int run = 1; run <= 200; run++) {
            assertThatThrownBy(() -> team.run(failing)).hasMessage("one");
            assertThat(done.get()).isEqualTo(2 * run);
        }
        team.run(lanes(done::incrementAndGet, done::incrementAndGet));
        assertThat(done.get()).isEqualTo(402);
    }

    /** So that a thread meets what it has read or written in the phase before. */
    @Test
    void theCallerTakesLanesFromTheFrontAndHelpersFromTheEnd() {
        WorkerTeam team = new WorkerTeam(2);
        Thread[] ran = new Thread[2];
        Step.Kernel[] slow = new Step.Kernel[2];
        for (int i = 0; i < 2; i++) {
            int lane = i;
            slow[i] = () -> {
                ran[lane] = Thread.currentThread();
                LockSupport.parkNanos(100_000);
            };
        }
        int shared = 0;
        long end = System.nanoTime() + 10_000_000_000L; // the worker may have to start first
        while (shared < 100 && System.nanoTime() < end) {
            team.run(lanes(slow));
            if (ran[0] != ran[1]) {
                shared++;
                assertThat(ran[0]).isEqualTo(Thread.currentThread());
            }
        }
        assertThat(shared).isPositive();
    }

    /** To wake up takes longer than most lanes, and the system may put both threads on one processor then. */
    @Test
    void theCallerStaysAwakeForLanesOfSomeHundredMicroseconds() {
        WorkerTeam team = new WorkerTeam(2);
        Thread caller = Thread.currentThread();
        AtomicInteger asleep = new AtomicInteger();
        Step.Kernel[][] uneven = lanes(() -> {}, () -> {
            long end = System.nanoTime() + 300_000;
            while (System.nanoTime() < end) {}
            asleep.addAndGet(caller.getState() == Thread.State.TIMED_WAITING ? 1 : 0);
        });
        for (int phase = 0; phase < 200; phase++) {
            team.run(uneven);
        }
        assertThat(asleep.get()).isLessThan(50);
    }

    @Test
    void whoHasWaitedLongSleeps() throws InterruptedException {
        WorkerTeam team = new WorkerTeam(2);
        Thread caller = Thread.currentThread();
        AtomicInteger slept = new AtomicInteger();
        Step.Kernel untilTheCallerSleeps = () -> {
            long end = System.nanoTime() + 10_000_000_000L;
            while (Thread.currentThread() != caller && slept.get() == 0 && System.nanoTime() < end) {
                slept.addAndGet(caller.getState() == Thread.State.TIMED_WAITING ? 1 : 0);
            }
        };
        for (int phase = 0; phase < 1000 && slept.get() == 0; phase++) {
            team.run(lanes(() -> LockSupport.parkNanos(1_000_000), untilTheCallerSleeps));
        }
        assertThat(slept.get()).isEqualTo(1);
        long end = System.nanoTime() + 10_000_000_000L;
        while (team.workers() > 0 && System.nanoTime() < end) {
            Thread.sleep(1);
        }
        assertThat(team.workers()).isZero();
    }

    /** Else they would keep the class loader of an application that is gone. */
    @Test
    void workersEndWithTheLastProgram() throws InterruptedException {
        Natives program = new Natives();
        Worker.atLeast(2);
        Set<Worker> before = workers();
        assertThat(before).hasSizeGreaterThanOrEqualTo(2);
        program.close();
        for (Worker worker : before) {
            worker.join(10_000);
            assertThat(worker.isAlive()).isFalse();
        }
        Natives next = new Natives();
        Worker.atLeast(2);
        assertThat(workers()).hasSize(2);
        next.close();
    }

    private static Set<Worker> workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Worker.class::isInstance)
                .map(Worker.class::cast)
                .collect(Collectors.toSet());
    }

    /** A program for two threads leaves the other workers to others. */
    @Test
    void aWorkerTeamCallsNoMoreHelpersThanItHasThreads() {
        new WorkerTeam(6);
        WorkerTeam team = new WorkerTeam(2);
        Set<Thread> helped = ConcurrentHashMap.newKeySet();
        Step.Kernel slow = () -> {
            helped.add(Thread.currentThread());
            long end = System.nanoTime() + 20_000;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        };
        for (int phase = 0; phase < 50; phase++) {
            team.run(lanes(slow, slow, slow, slow));
            assertThat(team.workers()).isLessThanOrEqualTo(1);
        }
        assertThat(helped).contains(Thread.currentThread());
    }
}
