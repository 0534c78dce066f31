package dev.fluxion.dsl;

import dev.fluxion.engine.Program;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** A program and its forks, one for each thread that runs it at the same time. Once retired, the last user closes them. */
final class Forks {
    private final Program first;
    private final Deque<Program> idle = new ArrayDeque<>();
    private int made = 1;
    private int users;
    private boolean retired;

    Forks(Program first) {
        this.first = first;
        idle.push(first);
    }

    /** Notes a user to come: the programs stay open until it has been served. */
    synchronized Forks reserve() {
        users++;
        return this;
    }

    /** Serves a user with a program that nobody else uses meanwhile. */
    void use(Consumer<Program> what) {
        try {
            Program program = take();
            try {
                what.accept(program);
            } finally {
                give(program);
            }
        } finally {
            leave();
        }
    }

    /** What is not forkable is waited for: it draws random numbers, which follow each other. */
    private synchronized Program take() {
        boolean interrupted = false;
        while (idle.isEmpty() && !first.isForkable()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (idle.isEmpty()) {
            Program another = first.fork();
            made++;
            return another;
        }
        return idle.pop();
    }

    private synchronized void give(Program program) {
        idle.push(program);
        notify();
    }

    private synchronized void leave() {
        users--;
        closeUnused();
    }

    /** Closes the programs as soon as nobody uses them. */
    synchronized void retire() {
        retired = true;
        closeUnused();
    }

    private void closeUnused() {
        if (retired && users == 0) {
            idle.forEach(Program::close);
            idle.clear();
        }
    }

    synchronized int count() {
        return made;
    }

    /** The bytes that the programs compute in. */
    synchronized long bytes() {
        return made * first.bytes();
    }
}
