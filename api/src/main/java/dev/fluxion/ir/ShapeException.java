package dev.fluxion.ir;

/** Operands whose shapes or types do not fit. The message names what was expected and what came. */
public final class ShapeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** An exception with the given message. */
    public ShapeException(String message) {
        super(message);
    }

    /** An exception that tells a cause again, with the place where it happened. */
    public ShapeException(String message, Throwable cause) {
        super(message, cause);
    }
}
