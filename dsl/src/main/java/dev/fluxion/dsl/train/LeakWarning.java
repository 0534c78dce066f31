package dev.fluxion.dsl.train;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Once;
import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns in the log, once for each line of the user's program, if an object with native memory was not closed. The
 * garbage collector frees that memory, but late.
 */
final class LeakWarning {
    private static final Logger LOG = LoggerFactory.getLogger(LeakWarning.class);
    private static final Cleaner CLEANER = Cleaner.create();

    private final String what;
    private final CallSite callSite;
    private final @Nullable LeakWarning whole;
    private volatile boolean used;
    private volatile boolean closed;

    private LeakWarning(String what, CallSite callSite, @Nullable LeakWarning whole) {
        this.what = what;
        this.callSite = callSite;
        this.whole = whole;
    }

    /** Watches an object made at a line of the user's program. */
    static LeakWarning watch(Object owner, String what, CallSite callSite) {
        return watch(owner, new LeakWarning(what, callSite, null));
    }

    /** Watches a part of this object, which is closed with it. */
    LeakWarning watchPart(Object owner, String part, CallSite made) {
        return watch(owner, new LeakWarning(part, made, this));
    }

    private static LeakWarning watch(Object owner, LeakWarning watch) {
        CLEANER.register(owner, watch::tell);
        return watch;
    }

    /** Notes that the object holds native memory. */
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
        if (used && !isClosed()) {
            Once.warn(LOG, Errors.unclosed(what, callSite));
        }
    }
}
