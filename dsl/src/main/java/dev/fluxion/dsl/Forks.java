package dev.fluxion.dsl;

import dev.fluxion.engine.Program;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** A program and its forks, one for each thread that runs it at the same time. Once retired, the last user closes each. */
final class Forks {
    private final Program first;
    private final AtomicReferenceArray<@Nullable Program> idle;
    private volatile int made = 1;
    private volatile boolean retired;
    private volatile long lastUse;

    /** Forks for so many threads, of which no more may ask at the same time. */
    Forks(Program first, int threads) {
        this.first = first;
        this.idle = new AtomicReferenceArray<>(first.isForkable() ? threads : 1);
        idle.set(0, first);
    }

    /**
     * A program that nobody else uses until it is given back; null if these are retired.
     *
     * @param use counts the uses of these and of others
     */
    @Nullable
    Program take(long use) {
        lastUse = use;
        Program free = takeIdle();
        return free != null || retired ? free : first.isForkable() ? fork() : waitForIt();
    }

    private @Nullable Program takeIdle() {
        for (int i = 0; i < idle.length(); i++) {
            if (idle.get(i) != null) {
                Program taken = idle.getAndSet(i, null);
                if (taken != null) {
                    return taken;
                }
            }
        }
        return null;
    }

    private synchronized @Nullable Program fork() {
        if (retired) {
            return null;
        }
        Program another = first.fork();
        made++;
        return another;
    }

    /** What is not forkable draws random numbers, which follow each other. */
    private synchronized @Nullable Program waitForIt() {
        boolean interrupted = false;
        Program free = takeIdle();
        while (free == null && !retired) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
            free = takeIdle();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return free;
    }

    /** Gives a program back. */
    void give(Program program) {
        int at = 0;
        while (!idle.compareAndSet(at, null, program)) {
            at = (at + 1) % idle.length();
        }
        if (!first.isForkable()) {
            wake();
        }
        if (retired) {
            closeIdle();
        }
    }

    private synchronized void wake() {
        notifyAll();
    }

    /** Closes the programs, those in use when they are given back. */
    void retire() {
        synchronized (this) {
            retired = true;
            notifyAll();
        }
        closeIdle();
    }

    private void closeIdle() {
        for (Program program = takeIdle(); program != null; program = takeIdle()) {
            program.close();
        }
    }

    long lastUse() {
        return lastUse;
    }

    int count() {
        return made;
    }

    /** The bytes that the programs compute in. */
    long bytes() {
        return made * first.bytes();
    }
}
