package dev.fluxion.dsl;

import java.lang.ref.Cleaner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells in the log, once for each line of the user's program, that something which holds native memory was dropped without
 * being closed. Its memory is freed all the same, but later than need be.
 */
final class Unclosed {
    private static final Logger LOG = LoggerFactory.getLogger(Unclosed.class);
    private static final Cleaner CLEANER = Cleaner.create();
    private static final int MOST_LINES = 1000;
    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    private final String what;
    private final Source source;
    private volatile boolean used;
    private volatile boolean closed;

    private Unclosed(String what, Source source) {
        this.what = what;
        this.source = source;
    }

    /** Watches an object that was made at a line of the user's program. */
    static Unclosed watch(Object owner, String what, Source source) {
        Unclosed watch = new Unclosed(what, source);
        CLEANER.register(owner, watch::tell);
        return watch;
    }

    /** Notes that there is native memory. */
    void used() {
        used = true;
    }

    /** Notes that the owner was closed. */
    void closed() {
        closed = true;
    }

    private void tell() {
        String message = Errors.unclosed(what, source);
        if (used && !closed && TOLD.size() < MOST_LINES && TOLD.add(message)) {
            LOG.warn(message);
        }
    }
}
