package dev.fluxion.dsl.train;

import dev.fluxion.engine.Program;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** A program and its forks, one for each seat. Once retired, the last user of each closes it. */
final class Forks {
    /** Entries between those of two seats, so that threads do not share a line of the cache. */
    private static final int APART = 16;
    /** Stands for a program in use. */
    private static final Object TAKEN = new Object();
    /** Stands for a program that nobody may take any more. */
    private static final Object RETIRED = new Object();

    private final Program first;
    /** For each seat its program, null if it has none yet, {@link #TAKEN} or {@link #RETIRED}. */
    private final AtomicReferenceArray<@Nullable Object> programs;

    private int made = 1;
    private boolean retired;
    private boolean inUse;
    private volatile long lastUse;

    Forks(Program first, int seats) {
        this.first = first;
        this.programs = new AtomicReferenceArray<>(seats * APART);
        programs.set(0, first);
    }

    /**
     * The program of a seat, until it is given back.
     *
     * @param now a number that grows, for {@link #lastUse}
     * @return null if these are retired
     */
    @Nullable
    Program take(int seat, long now) {
        if (lastUse != now) {
            lastUse = now;
        }
        if (!first.isForkable()) {
            return takeFirst();
        }
        Object program = programs.get(seat * APART);
        if (program == RETIRED || !programs.compareAndSet(seat * APART, program, TAKEN)) {
            return null;
        }
        return program == null ? fork(seat) : (Program) program;
    }

    private synchronized @Nullable Program fork(int seat) {
        if (retired) {
            return null;
        }
        try {
            Program fork = first.fork();
            made++;
            return fork;
        } catch (RuntimeException | Error e) {
            programs.compareAndSet(seat * APART, TAKEN, null);
            throw e;
        }
    }

    /** What is not forkable is waited for: it draws random numbers, which follow each other. */
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

    /** Gives the program of a seat back. */
    void give(int seat, Program program) {
        if (!first.isForkable()) {
            giveFirst();
        } else if (!programs.compareAndSet(seat * APART, TAKEN, program)) {
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

    /** Closes the programs as soon as nobody uses them. */
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

    /** When a program was last taken. */
    long lastUse() {
        return lastUse;
    }

    synchronized int count() {
        return made;
    }

    /** The bytes that the programs compute in. */
    synchronized long bytes() {
        return made * first.bytes();
    }
}
