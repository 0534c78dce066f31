package dev.fluxion.dsl.train;

import dev.fluxion.dsl.CallSite;
import java.lang.ref.Cleaner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
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
    private final CallSite callSite;
    private final @Nullable Unclosed whole;
    private volatile boolean used;
    private volatile boolean closed;

    private Unclosed(String what, CallSite callSite, @Nullable Unclosed whole) {
        this.what = what;
        this.callSite = callSite;
        this.whole = whole;
    }

    /** Watches an object that was made at a line of the user's program. */
    static Unclosed watch(Object owner, String what, CallSite callSite) {
        return watch(owner, new Unclosed(what, callSite, null));
    }

    /** Watches a part of this, which is closed with it. */
    Unclosed watchPart(Object owner, String part, CallSite made) {
        return watch(owner, new Unclosed(part, made, this));
    }

    private static Unclosed watch(Object owner, Unclosed watch) {
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

    private boolean isClosed() {
        return closed || whole != null && whole.isClosed();
    }

    private void tell() {
        String message = Errors.unclosed(what, callSite);
        if (used && !isClosed() && TOLD.size() < MOST_LINES && TOLD.add(message)) {
            LOG.warn(message);
        }
    }
}
