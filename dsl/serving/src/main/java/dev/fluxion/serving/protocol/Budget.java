package dev.fluxion.serving.protocol;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes of bodies all requests may have that are read or computed. */
public final class Budget {
    private final long most;
    private final AtomicLong taken = new AtomicLong();

    /** So many at most. */
    public Budget(long most) {
        this.most = most;
    }

    /** Takes some bytes, which {@link #give} gives back. */
    public void take(long bytes) {
        if (taken.addAndGet(bytes) > most) {
            taken.addAndGet(-bytes);
            throw Faults.manyBytes(most);
        }
    }

    /** Gives some back. */
    public void give(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** How many are taken. */
    public long taken() {
        return taken.get();
    }
}
