package dev.fluxion.engine;

import dev.fluxion.engine.error.Errors;
import java.lang.ref.Reference;

/** Who may use a program: one thread at a time, while it is open. */
final class ProgramAccess {
    private final Program program;
    private final Tenancy tenancy;
    private final RunState state;
    private volatile boolean closed;

    ProgramAccess(Program program, Tenancy tenancy, RunState state) {
        this.program = program;
        this.tenancy = tenancy;
        this.state = state;
    }

    /** Enters, and takes the arena over. */
    void enter() {
        lock();
        try {
            tenancy.takeOver();
        } catch (RuntimeException | Error e) {
            leave();
            throw e;
        }
    }

    /** Enters, if what this program computed last is still there. */
    void enterToRead() {
        lock();
        try {
            tenancy.requireHeld();
        } catch (IllegalStateException e) {
            leave();
            throw e;
        }
    }

    private void lock() {
        state.store().requireNotEvaluating();
        tenancy.lock();
        try {
            requireOpen();
        } catch (IllegalStateException e) {
            leave();
            throw e;
        }
    }

    /** Lets others use the program, whose memory and kernels are needed up to here. */
    void leave() {
        try {
            tenancy.unlock();
        } finally {
            Reference.reachabilityFence(program);
        }
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException(Errors.programClosed());
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Waits for who is in, lets nobody enter any more, and frees. Again does nothing. */
    void close(Runnable free) {
        tenancy.waitForLock();
        try {
            if (!closed) {
                closed = true;
                free.run();
            }
        } finally {
            tenancy.unlock();
        }
    }
}
