package dev.fluxion.serving;

/** Who comes first of those that wait. Of equals, whoever came first. */
public enum Priority {
    /** Before all others. */
    HIGH,
    /** That of requests which ask for none. */
    NORMAL,
    /** When nobody else waits, so possibly never while others come: a deadline bounds that. */
    LOW
}
