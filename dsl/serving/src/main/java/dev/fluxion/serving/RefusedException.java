package dev.fluxion.serving;

/** A request was not computed, for a reason that is none of its samples. Another attempt may succeed. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    /** Without a stack trace, which would cost more than the refusal of a service under too much load may. */
    RefusedException(Refusal refusal, String message) {
        super(message, null, false, false);
        this.refusal = refusal;
    }

    /** The reason. */
    public Refusal refusal() {
        return refusal;
    }
}
