package dev.fluxion.engine.run;

import dev.fluxion.engine.error.Errors;
import java.util.concurrent.locks.ReentrantLock;

/** A lock whose holder does not keep others waiting: they are told who it is. */
public final class FailFastLock extends ReentrantLock {
    private static final long serialVersionUID = 1L;

    /**
     * Takes the lock.
     *
     * @throws IllegalStateException if another thread holds it
     */
    public void enter() {
        while (!tryLock()) {
            Thread holder = getOwner();
            if (holder != null) {
                throw new IllegalStateException(Errors.busy(holder));
            }
        }
    }
}
