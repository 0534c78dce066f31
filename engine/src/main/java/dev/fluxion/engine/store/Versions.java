package dev.fluxion.engine.store;

import java.util.concurrent.atomic.AtomicLong;

/** Which values a model has: whoever made something of them finds out whether they are still the same. */
public final class Versions {
    private final AtomicLong version = new AtomicLong();
    private final AtomicLong changes = new AtomicLong();

    /** A number that changes with the values and with what is kept beside them. */
    public long version() {
        return version.get();
    }

    /** A number that changes when values are given or parameters trained; buffers that a run changes do not count. */
    public long changes() {
        return changes.get();
    }

    /**
     * Notes that values, or what is kept beside them, are others now.
     *
     * @param trained whether parameters are
     */
    public void changed(boolean trained) {
        version.incrementAndGet();
        if (trained) {
            changes.incrementAndGet();
        }
    }
}
