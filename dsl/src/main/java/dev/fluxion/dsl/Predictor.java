package dev.fluxion.dsl;

import dev.fluxion.Tensor;
import dev.fluxion.engine.Program;
import java.util.ArrayDeque;
import java.util.Deque;

/** The programs that predict for one batch size: as many as threads predict at the same time, up to a limit. */
final class Predictor {
    private final Program first;
    private final int limit;
    private final Deque<Program> free = new ArrayDeque<>();
    private int made = 1;

    Predictor(Program first, int limit) {
        this.first = first;
        this.limit = first.isForkable() ? limit : 1;
        free.add(first);
    }

    Program first() {
        return first;
    }

    Tensor predict(String input, Tensor value, String output) {
        Program program = take();
        try {
            if (program.reads(input)) {
                program.write(input, value);
            }
            program.run();
            return program.read(output);
        } finally {
            give(program);
        }
    }

    private synchronized Program take() {
        boolean interrupted = false;
        while (free.isEmpty() && made == limit) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (free.isEmpty()) {
            Program another = first.fork();
            made++;
            return another;
        }
        return free.pop();
    }

    private synchronized void give(Program program) {
        free.push(program);
        notify();
    }
}
