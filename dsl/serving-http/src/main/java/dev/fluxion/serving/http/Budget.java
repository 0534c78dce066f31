package dev.fluxion.serving.http;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes of bodies all requests may have that are read or computed. */
final class Budget {
    private final long most;
    private final AtomicLong taken = new AtomicLong();

    Budget(long most) {
        this.most = most;
    }

    /** Takes some bytes, which {@link #give} gives back. */
    void take(long bytes) {
        if (taken.addAndGet(bytes) > most) {
            taken.addAndGet(-bytes);
            throw Errors.manyBodies(most);
        }
    }

    void give(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** How many are taken. */
    long taken() {
        return taken.get();
    }
}
