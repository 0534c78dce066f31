package dev.fluxion.engine.store;

import java.lang.ref.Cleaner;
import java.util.Collection;

/**
 * Frees native memory when its owner is closed, or else when nobody can reach the owner any more. Whoever calls native code
 * keeps the owner reachable until the call has returned.
 */
public final class Freed {
    private static final Cleaner CLEANER = Cleaner.create();

    private Freed() {}

    /** Closes all that there will be in a collection, when asked or when the owner is gone. The collection must not refer to the owner. */
    public static Cleaner.Cleanable with(Object owner, Collection<? extends AutoCloseable> all) {
        return with(owner, () -> all.forEach(Freed::close));
    }

    /** Runs an action when asked, or when the owner is gone. It must not refer to the owner. */
    public static Cleaner.Cleanable with(Object owner, Runnable free) {
        return CLEANER.register(owner, free);
    }

    private static void close(AutoCloseable one) {
        try {
            one.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
