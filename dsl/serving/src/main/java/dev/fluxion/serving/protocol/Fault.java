package dev.fluxion.serving.protocol;

/** Why a request is answered with an error. Each protocol has a status for each kind. */
public final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What kinds there are. */
    public enum Kind {
        /** The request is wrong. */
        INVALID,
        /** It asks for what is not there. */
        UNKNOWN,
        /** It asks for what this server cannot do. */
        UNSUPPORTED,
        /** The server has too much to do; later it may answer the same. */
        BUSY
    }

    private final Kind kind;

    /** Without a stack trace, which a client who errs is not worth. */
    public Fault(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    /** Which kind it is. */
    public Kind kind() {
        return kind;
    }

    /** What the client is told. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
