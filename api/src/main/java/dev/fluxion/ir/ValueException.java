package dev.fluxion.ir;

/** A value that an operator or a loss does not accept: a class out of range, a probability above 1, a loss that is NaN. */
public final class ValueException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** An exception with the given message. */
    public ValueException(String message) {
        super(message);
    }

    /** An exception with the given message and what led to it. */
    public ValueException(String message, Throwable cause) {
        super(message, cause);
    }
}
