package dev.fluxion.dsl.train;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Knows which thread asks a model's layers and losses what they compute, so that these cannot use the model meanwhile. */
final class Building {
    private volatile @Nullable Thread builder;

    /** Asks layers or losses, one thread at a time. */
    synchronized <T> T of(Supplier<T> what) {
        Thread outer = builder;
        builder = Thread.currentThread();
        try {
            return what.get();
        } finally {
            builder = outer;
        }
    }

    /**
     * Refuses to go on in the thread that asks.
     *
     * @throws IllegalStateException if that is the calling thread
     */
    void refuse() {
        if (Thread.currentThread().equals(builder)) {
            throw new IllegalStateException(Errors.usedWhileBuilding());
        }
    }
}
