package dev.fluxion.dsl;

import dev.fluxion.engine.Program;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A program and its forks, one for each thread that runs it at the same time. Once retired, the last user closes them. */
final class Forks {
    private final Program first;
    private final Deque<Program> idle = new ArrayDeque<>();
    private int made = 1;
    private boolean retired;
    private volatile long lastUse;

    Forks(Program first) {
        this.first = first;
        idle.push(first);
    }

    /** A program that nobody else uses until it is given back; null if these are retired. */
    synchronized @Nullable Program take() {
        lastUse = System.nanoTime();
        waitIfAlone();
        if (retired) {
            return null;
        }
        if (idle.isEmpty()) {
            Program another = first.fork();
            made++;
            return another;
        }
        return idle.pop();
    }

    /** What is not forkable is waited for: it draws random numbers, which follow each other. */
    private void waitIfAlone() {
        boolean interrupted = false;
        while (idle.isEmpty() && !retired && !first.isForkable()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives a program back. */
    synchronized void give(Program program) {
        idle.push(program);
        notify();
        closeIfDone();
    }

    /** Closes the programs as soon as nobody uses them. */
    synchronized void retire() {
        retired = true;
        notifyAll();
        closeIfDone();
    }

    private void closeIfDone() {
        if (retired && idle.size() == made) {
            idle.forEach(Program::close);
            idle.clear();
            made = 0;
        }
    }

    /** When a program was last taken, by the clock of {@link System#nanoTime()}. */
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
