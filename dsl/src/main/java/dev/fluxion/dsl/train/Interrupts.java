package dev.fluxion.dsl.train;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts of the thread that trains. They are noted, so that the training can end after its step and write its files, which
 * an interrupted thread cannot; in the end the thread is interrupted again.
 */
final class Interrupts implements AutoCloseable {
    private boolean any = Thread.interrupted();

    /** Something that may fail because the thread is interrupted. */
    interface Task<T extends @Nullable Object> {
        T run() throws IOException;
    }

    /** Whether the thread has been interrupted, which from now on only this tells. */
    boolean any() {
        any |= Thread.interrupted();
        return any;
    }

    /** What a task gives; one that fails because of an interrupt is done again. */
    <T> T again(Task<T> task) throws IOException {
        T result = attempt(task);
        return result == null ? task.run() : result;
    }

    /** What a task gives, or null if it fails because of an interrupt. */
    <T> @Nullable T attempt(Task<T> task) throws IOException {
        any();
        try {
            return task.run();
        } catch (IOException | RuntimeException e) {
            if (Thread.interrupted()) {
                any = true;
                return null;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        if (any) {
            Thread.currentThread().interrupt();
        }
    }
}
