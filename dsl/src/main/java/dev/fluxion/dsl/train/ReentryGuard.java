package dev.fluxion.dsl.train;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps layers and losses from using their model while the model calls them. */
final class ReentryGuard {
    private volatile @Nullable Thread builder;

    /** Runs something that calls layers or losses, one thread at a time. */
    synchronized <T> T run(Supplier<T> what) {
        Thread outer = builder;
        builder = Thread.currentThread();
        try {
            return what.get();
        } finally {
            builder = outer;
        }
    }

    /**
     * Refuses a use of the model by layers and losses.
     *
     * @throws IllegalStateException if the calling thread is in {@link #run}
     */
    void refuse() {
        if (Thread.currentThread().equals(builder)) {
            throw new IllegalStateException(Errors.usedWhileBuilding());
        }
    }
}
