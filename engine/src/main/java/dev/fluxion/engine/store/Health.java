package dev.fluxion.engine.store;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether an update has spoilt values that belong together: they are of no use until each of them is given anew. */
final class Health {
    private final Set<String> left = new LinkedHashSet<>();
    private volatile @Nullable String trouble;

    synchronized void spoil(String message, Collection<String> names) {
        left.addAll(names);
        trouble = message;
    }

    /** Notes that a value is given anew. */
    synchronized void mend(String name) {
        left.remove(name);
        if (left.isEmpty()) {
            trouble = null;
        }
    }

    void require() {
        String message = trouble;
        if (message != null) {
            throw new IllegalStateException(message);
        }
    }
}
