package dev.fluxion.dsl.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;

/** Warnings in the log that are not repeated. */
public final class Once {
    private static final int MOST_LINES = 1000;
    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    private Once() {}

    /** Warns, unless it has already, or there were very many warnings. */
    public static void warn(Logger log, String message) {
        if (TOLD.size() < MOST_LINES && TOLD.add(message)) {
            log.warn(message);
        }
    }
}
