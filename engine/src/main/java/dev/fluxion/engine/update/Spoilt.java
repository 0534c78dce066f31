package dev.fluxion.engine.update;

/** An update has made a number infinite or NaN, which nobody could know before. */
public final class Spoilt extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Spoilt(String message) {
        super(message, null, false, false);
    }
}
