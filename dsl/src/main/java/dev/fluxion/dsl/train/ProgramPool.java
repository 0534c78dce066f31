package dev.fluxion.dsl.train;

import dev.fluxion.engine.Program;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A program and its forks, one per permit. After {@link #retire}, the last user of each one closes it. */
final class ProgramPool {
    /** Array entries per permit: each has a cache line of its own. */
    private static final int APART = 16;
    /** Marks a program in use. */
    private static final Object TAKEN = new Object();
    /** Marks a program that is no longer available. */
    private static final Object RETIRED = new Object();

    private final Program first;
    /** The program of each permit: null if it has none yet, {@link #TAKEN} or {@link #RETIRED}. */
    private final AtomicReferenceArray<@Nullable Object> programs;

    private int made = 1;
    private boolean retired;
    private boolean inUse;
    private volatile boolean kept;
    private volatile long lastUse;

    ProgramPool(Program first, int permits) {
        this.first = first;
        this.programs = new AtomicReferenceArray<>(permits * APART);
        programs.set(0, first);
    }

    /**
     * Takes the program of a permit.
     *
     * @param now a growing number, for {@link #lastUse}
     * @return null if this pool is retired
     */
    @Nullable
    Program take(int permit, long now) {
        if (lastUse != now) {
            lastUse = now;
        }
        if (!first.isForkable()) {
            return takeFirst();
        }
        Object program = programs.get(permit * APART);
        if (program == RETIRED || !programs.compareAndSet(permit * APART, program, TAKEN)) {
            return null;
        }
        return program == null ? fork(permit) : (Program) program;
    }

    private synchronized @Nullable Program fork(int permit) {
        if (retired) {
            return null;
        }
        try {
            return forked();
        } catch (RuntimeException | Error e) {
            programs.compareAndSet(permit * APART, TAKEN, null);
            throw e;
        }
    }

    private Program forked() {
        Program fork = first.fork();
        made++;
        return fork;
    }

    /** Makes the programs of the permits that have none yet, and lets each be used once. */
    synchronized void fill(Consumer<Program> what) {
        for (int i = 0; i < programs.length() && first.isForkable() && !retired; i += APART) {
            if (programs.get(i) == null) {
                fill(i, what);
            }
        }
    }

    private void fill(int at, Consumer<Program> what) {
        Program fork = forked();
        boolean given = false;
        try {
            what.accept(fork);
            // Its permit may wait to make its own.
            given = programs.compareAndSet(at, null, fork);
        } finally {
            if (!given) {
                fork.close();
                made--;
            }
        }
    }

    /** It is not dropped to make room for others. */
    void keep() {
        kept = true;
    }

    boolean isKept() {
        return kept;
    }

    /** Waits for the only program: one that draws random numbers cannot be forked. */
    private synchronized @Nullable Program takeFirst() {
        boolean interrupted = false;
        while (inUse && !retired) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (retired) {
            return null;
        }
        inUse = true;
        return first;
    }

    /** Returns the program of a permit. */
    void give(int permit, Program program) {
        if (!first.isForkable()) {
            giveFirst();
        } else if (!programs.compareAndSet(permit * APART, TAKEN, program)) {
            program.close();
        }
    }

    private synchronized void giveFirst() {
        inUse = false;
        closeFirst();
    }

    private void closeFirst() {
        if (retired && !inUse) {
            first.close();
        }
        notifyAll();
    }

    /** Closes each program as soon as it is not in use. */
    synchronized void retire() {
        retired = true;
        if (!first.isForkable()) {
            closeFirst();
            return;
        }
        for (int i = 0; i < programs.length(); i += APART) {
            if (programs.getAndSet(i, RETIRED) instanceof Program idle) {
                idle.close();
            }
        }
    }

    /** The number of the last {@link #take}. */
    long lastUse() {
        return lastUse;
    }

    synchronized int count() {
        return made;
    }

    /** The arena bytes of all programs. */
    synchronized long bytes() {
        return made * first.bytes();
    }
}
